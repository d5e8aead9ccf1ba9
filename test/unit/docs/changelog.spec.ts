import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const read = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${name}`, import.meta.url)), 'utf8');

const headings = [...read('CHANGELOG.md').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!);

it('says in the README that the package is not on npm, until the first release', () => {
  const isUnreleased = headings.every(heading => heading === 'Unreleased');
  expect(read('README.md').includes('is not on npm yet')).toBe(isUnreleased);
});

describe('the changelog', () => {
  it('has sections for unreleased changes and for dated versions only', () => {
    expect(headings.length).toBeGreaterThan(0);
    headings.forEach((heading, index) => {
      expect(heading).toMatch(
        index === 0 ? /^(Unreleased|\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\))$/ : /^\d+\.\d+\.\d+ \(/,
      );
    });
  });

  it('has a section for the version that release-please has set', () => {
    const versions = Object.values(
      JSON.parse(read('.release-please-manifest.json')) as Record<string, string>,
    );
    const described = headings.map(heading => heading.split(' ')[0]);
    expect(versions.filter(version => !described.includes(version))).toEqual([]);
  });

  it('is left alone by release-please', () => {
    const config = JSON.parse(read('release-please-config.json')) as {
      packages: Record<string, Record<string, unknown>>;
    };
    expect(config.packages['.']).toMatchObject({ 'skip-changelog': true });
  });
});
