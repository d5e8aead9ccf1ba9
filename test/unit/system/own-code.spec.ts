import { existsSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { OWN_CODE } from '../../../src/system/own-code.js';

it('is the directory with the entry point of the package', () => {
  expect(existsSync(new URL('index.ts', OWN_CODE))).toBe(true);
});
