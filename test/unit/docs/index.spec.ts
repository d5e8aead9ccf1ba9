import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readPage } from '../../support/docs/read-page.js';

it('lists every page of docs/ once in docs/README.md', () => {
  const directory = fileURLToPath(new URL('../../../docs/', import.meta.url));
  const pages = readdirSync(directory).filter(name => name.endsWith('.md') && name !== 'README.md');
  const links = [
    ...readPage('README.md').matchAll(/^(?:-|\d\.) \[[^\]]+\]\((?!\.\.)([^)]+)\): /gm),
  ];
  expect(links.map(([, page = '']) => page).toSorted()).toEqual(pages.toSorted());
});
