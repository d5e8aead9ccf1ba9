import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ownRequire, requireOf } from '../../../src/system/own-require.js';

const root = new URL('../../../', import.meta.url);

const vitest = (load: NodeJS.Require): string => load.resolve('vitest');

it('finds packages as this package does', () => {
  expect(vitest(ownRequire())).toContain('node_modules/vitest/');
});

it('finds packages as the main file does, in a bundle without a URL', () => {
  const main = fileURLToPath(new URL('dist/main.js', root));
  expect(vitest(requireOf(undefined, main))).toBe(vitest(ownRequire()));
  expect(() => vitest(requireOf(undefined, '/nowhere/main.js'))).toThrow('Cannot find module');
});

it('finds packages as the working directory does, in a bundle without a main file', () => {
  expect(vitest(requireOf(undefined, undefined))).toBe(vitest(ownRequire()));
});
