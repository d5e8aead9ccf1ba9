import { expect, it } from 'vitest';
import { readPage } from '../../support/docs/read-page.js';

it('quotes only measurements in the README that docs/benchmarks.md contains', () => {
  const readme = readPage('../README.md');
  const [, measured = ''] = readme.split('\n## Measured\n');
  const results = measured.matchAll(/^\| [^|]+ \| ([\d.]+)(?: \(PM2 7.0.4: (\d+)\))? +\|/gm);
  const figures = [...results].flatMap(([, ours = '', peer = ours]) => [ours, peer]);
  const sizes = [...readme.matchAll(/\d+ MB/g)].map(([size]) => size);
  const cells = readPage('benchmarks.md')
    .split('|')
    .map(cell => cell.trim());
  const isKnown = (figure: string): boolean => {
    const decimals = figure.split('.')[1]?.length ?? 0;
    return cells.some(cell => cell !== '' && Number(cell).toFixed(decimals) === figure);
  };
  expect(figures.filter(figure => !isKnown(figure))).toEqual([]);
  expect(sizes.filter(size => !cells.includes(size))).toEqual([]);
  expect([figures.length > 10, sizes.length]).toEqual([true, 3]);
});
