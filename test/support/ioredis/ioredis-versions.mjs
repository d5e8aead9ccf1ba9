// @ts-check
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appsDirectory } from '../nest/nest-versions.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The packages in `node_modules` with another version of ioredis: the lowest and the highest 5. */
const NAMES = ['ioredis-5', 'ioredis-5-latest'];

/**
 * The directory of the applications that load another ioredis, and of the packages that they load.
 *
 * @param {string} ioredis
 */
export function builtFor(ioredis) {
  if (!NAMES.includes(ioredis)) {
    throw new Error(`TEST_IOREDIS is ${ioredis}; valid values are ${NAMES.join(', ')}.`);
  }
  return join(root, '.test-build', ioredis);
}

/**
 * The directory of the compiled applications that load the ioredis which `TEST_IOREDIS` names.
 *
 * @param {import('../nest/nest-versions.mjs').NestVersion} [nest] if set, with the newest ioredis
 */
export function fixturesDirectory(nest) {
  const ioredis = process.env['TEST_IOREDIS'];
  return ioredis && !nest ? join(builtFor(ioredis), 'apps') : appsDirectory(nest);
}
