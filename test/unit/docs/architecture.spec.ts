import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readPage } from '../../support/docs/read-page.js';

const page = readPage('architecture.md');
const source = fileURLToPath(new URL('../../../src/', import.meta.url));
const PROCESSES = ['primary', 'worker', 'single', 'cli'];

/** The rows of the map: a directory or a file of `src`, and where it runs. */
const map = [...page.matchAll(/^\| \[`([^`]+)`\]\(([^)]+)\) +\| .+ \| ([^|]+?) +\|$/gm)]
  .map(([, name = '', link = '', processes = '']) => ({ name, link, processes }))
  .filter(({ link, name }) => link === `../src/${name.replace(/\/$/, '')}`);

const listed = map.map(({ name }) => name);

function childrenOf(parent: string): string[] {
  return readdirSync(source + parent, { withFileTypes: true })
    .filter(entry => entry.isDirectory() || parent === '')
    .map(entry => parent + entry.name + (entry.isDirectory() ? '/' : ''));
}

describe('the map of the code', () => {
  it('has all of src, and nothing else', () => {
    const parents = ['', ...listed.filter(name => name.endsWith('/'))];
    const below = (parent: string): string[] =>
      listed.filter(name => name.slice(0, name.replace(/\/$/, '').lastIndexOf('/') + 1) === parent);
    for (const parent of parents) {
      const rows = below(parent);
      // Two levels are complete; of a third one, all or nothing.
      const isComplete = parent.split('/').length <= 2 || rows.length > 0;
      expect(rows.toSorted()).toEqual(isComplete ? childrenOf(parent).toSorted() : []);
    }
  });

  it('says in which processes each of them runs', () => {
    for (const { name, processes } of map) {
      const named = processes.split(', ');
      expect([name, named]).toEqual([name, PROCESSES.filter(process => named.includes(process))]);
      expect(named.length).toBeGreaterThan(0);
    }
  });
});

it('describes the layers that the linter checks', async () => {
  const config = new URL('../../../.dependency-cruiser.js', import.meta.url);
  const { LAYERS } = (await import(config.href)) as { LAYERS: readonly (readonly string[])[] };
  const [, section = ''] = page.split(/^## Layers$/m);
  const rows = [...section.split(/^## /m)[0]!.matchAll(/^\| (`[^|]+`) +\|/gm)];
  expect(rows.map(([, names = '']) => names.replaceAll('`', '').trim().split(', '))).toEqual(
    LAYERS,
  );
});

it('links to files that exist', () => {
  for (const [, link = ''] of page.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
    expect([link, existsSync(`${source}../docs/${link}`)]).toEqual([link, true]);
  }
});
