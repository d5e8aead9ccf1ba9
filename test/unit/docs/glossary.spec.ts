import { describe, expect, it } from 'vitest';
import { readPage } from '../../support/docs/read-page.js';

const [, ...entries] = readPage('glossary.md').split(/^## /m);
const terms = entries.map(entry => entry.slice(0, entry.indexOf('\n')));

describe('docs/glossary.md', () => {
  it('defines each term once, in alphabetical order', () => {
    const inOrder = [...new Set(terms)].toSorted((one, other) => one.localeCompare(other, 'en'));
    expect(terms).toEqual(inOrder);
    expect(terms.length).toBeGreaterThan(50);
  });

  it('links each term to a page or to another term', () => {
    const unlinked = entries.filter(entry => !/\]\([^)]+\)/.test(entry));
    expect(unlinked).toEqual([]);
  });
});
