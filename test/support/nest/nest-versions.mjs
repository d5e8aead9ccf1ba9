// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The versions of Nest that applications of the tests run on: `11.0` has the lowest versions of the peer ranges.
 *
 * @typedef {'11.0' | '11' | '12'} NestVersion
 */

/**
 * @typedef {object} NestInstallation
 * @property {string} packages the directory whose `node_modules` has this version
 * @property {string} built where the compiled applications and the packages that they load are
 * @property {boolean} isBundled otherwise, the applications load the packages as they are published
 */

/** @type {Readonly<Record<NestVersion, NestInstallation>>} */
export const NEST = {
  '11.0': {
    packages: join(root, 'test/nest-11/lowest'),
    built: join(root, '.test-build/nest-11.0'),
    isBundled: false,
  },
  11: {
    packages: join(root, 'test/nest-11/newest'),
    built: join(root, '.test-build/nest-11'),
    isBundled: true,
  },
  12: { packages: root, built: join(root, '.test-build'), isBundled: true },
};

/**
 * The version that `TEST_NEST` names; otherwise, the newest.
 *
 * @returns {NestVersion}
 */
export function defaultNest() {
  const name = process.env['TEST_NEST'] ?? '12';
  if (!Object.hasOwn(NEST, name)) {
    throw new Error(`TEST_NEST is ${name}; valid values are ${Object.keys(NEST).join(', ')}.`);
  }
  return /** @type {NestVersion} */ (name);
}

/** @param {NestVersion} nest */
const isInstalled = nest =>
  existsSync(join(NEST[nest].packages, 'node_modules/.package-lock.json'));

/** @returns {NestVersion[]} */
export function installedNests() {
  return /** @type {NestVersion[]} */ (Object.keys(NEST)).filter(isInstalled);
}

/** The directory of the compiled applications. */
export function appsDirectory(nest = defaultNest()) {
  if (!isInstalled(nest)) {
    throw new Error(`Nest ${nest} is not installed: run \`node scripts/install.mjs --tests\`.`);
  }
  return join(NEST[nest].built, 'apps');
}
