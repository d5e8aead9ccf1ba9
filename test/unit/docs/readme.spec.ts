import { expect, it } from '@jest/globals';
import { readPage } from '../../support/docs/read-page.js';

it('quotes only measurements in the README that docs/benchmarks.md contains', () => {
  const readme = readPage('../README.md');
  const [, measured = ''] = readme.split('\n## Measured\n');
  const results = measured.matchAll(/^\| [^|]+ \| ([\d.]+)(?: \(PM2 7.0.4: (\d+)\))? +\|/gm);
  const figures = [...results].flatMap(([, ours = '', peer = ours]) => [ours, peer]);
  const sizes = [...readme.matchAll(/\d+ MB/g)].map(([size]) => size);
  const cells = readPage('benchmarks.md').split('|');
  const known = new Set(cells.map(cell => cell.trim()));
  expect([...figures, ...sizes].filter(figure => !known.has(figure))).toEqual([]);
  expect([figures.length > 10, sizes.length]).toEqual([true, 3]);
});
