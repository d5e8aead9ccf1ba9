import { describe, expect, it } from 'vitest';
import { readPage } from '../../support/docs/read-page.js';
import { sourceText } from '../../support/docs/source-text.js';

const page = readPage('troubleshooting.md');

describe('docs/troubleshooting.md', () => {
  it('has every error with its code, and no others', () => {
    const errors = /class (\w+Error) extends \w+ {\n {2}readonly code = '(\w+)'/g;
    const entries = /^### `(\w+)`\n\nCode `(\w+)`\./gm;
    const source = sourceText('model/errors');
    const known = pairs(source, errors);
    expect(known).toHaveLength([...source.matchAll(/readonly code = /g)].length);
    expect(pairs(page, entries)).toEqual(known);
  });

  it('quotes log lines that exist', () => {
    const source = sourceText();
    const quoted = [...page.matchAll(/^- \*\*`([^`]+)`\*\*/gm)].map(([, line = '']) => line);
    const unknown = quoted.filter(
      line => !line.split('…').every(fragment => source.includes(fragment.trim())),
    );
    expect(unknown).toEqual([]);
    expect(quoted.length).toBeGreaterThan(20);
  });
});

function pairs(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name, code]) => `${name} ${code}`).toSorted();
}
