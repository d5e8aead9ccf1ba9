import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { packedAsset } from '../../../../scripts/dashboard-assets.mjs';
import { licenseText, VENDORED, vendoredText } from '../../../../scripts/vendor-dashboard.mjs';

const dashboard = fileURLToPath(new URL('../../../../src/dashboard/', import.meta.url));
const read = (path: string) => readFileSync(`${dashboard}${path}`, 'utf8');
const vendored = VENDORED.map(({ name }) => `${name}.js`);
const names = readdirSync(`${dashboard}assets`);
const own = names.filter(name => !vendored.includes(name));

describe('the assets of the dashboard', () => {
  it('have less than 100 kB together', async () => {
    const packed = await Promise.all(names.map(name => packedAsset(name, read(`assets/${name}`))));
    const size = packed.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(size).toBeLessThan(100_000);
  });

  it.each(VENDORED)('have $name as its package does: npm run vendor:dashboard', library => {
    expect(read(`assets/${library.name}.js`)).toBe(vendoredText(library));
    expect(read(`licenses/${library.name}.txt`)).toBe(licenseText(library));
  });

  it('load nothing from other hosts', () => {
    const urls = own.flatMap(name => [...read(`assets/${name}`).matchAll(/https?:\/\/[^\s'"`]+/g)]);
    expect(urls.map(String)).toEqual([]);
  });

  it('have no inline script and no inline style, which the policy of the page forbids', () => {
    const page = read('assets/index.html');
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]* src=)/);
    expect(page).toContain('<base href="__BASE__" />');
  });

  it('never turn text into markup or code', () => {
    const code = own.map(name => read(`assets/${name}`)).join('\n');
    expect(code).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/,
    );
  });

  it('contain every module that they import, and no other', () => {
    const imported = own.flatMap(name =>
      [...read(`assets/${name}`).matchAll(/from '\.\/([^']+)'/g)].map(([, file]) => file),
    );
    const linked = [...read('assets/index.html').matchAll(/assets\/([\w.]+)/g)].map(
      ([, file]) => file,
    );
    expect(new Set([...imported, ...linked, 'index.html'])).toEqual(new Set(names));
  });
});
