// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * The versions of Nest on which the applications of the tests run. `11.0` has the lowest versions of the peer ranges.
 *
 * @typedef {'11.0' | '11' | '12'} NestVersion
 */

/**
 * @typedef {object} NestInstallation
 * @property {string} packages the directory whose `node_modules` has this version
 * @property {string} apps the directory of the compiled applications
 * @property {string} modules the directory of the packages that they load
 * @property {boolean} isBundled whether they load a bundle; otherwise, the packages as they are published
 */

/** @type {Readonly<Record<NestVersion, NestInstallation>>} */
export const NEST = {
  '11.0': {
    packages: join(root, 'test/nest-11/lowest'),
    apps: join(root, '.test-build/apps-on-nest-11.0'),
    modules: join(root, '.test-build/linked-nest-11.0/node_modules'),
    isBundled: false,
  },
  11: {
    packages: join(root, 'test/nest-11/newest'),
    apps: join(root, '.test-build/apps-on-nest-11'),
    modules: join(root, '.test-build/bundled-nest-11/node_modules'),
    isBundled: true,
  },
  12: {
    packages: root,
    apps: join(root, '.test-build/apps'),
    modules: join(root, '.test-build/bundled/node_modules'),
    isBundled: true,
  },
};

/**
 * The version that `TEST_NEST` names; the newest by default.
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

/**
 * The directory in which the packages of this version are installed.
 *
 * @param {NestVersion} nest
 */
export function packagesOf(nest) {
  if (!isInstalled(nest)) {
    throw new Error(`Nest ${nest} is not installed: run \`node scripts/install.mjs --tests\`.`);
  }
  return NEST[nest].packages;
}

/** The directory of the compiled applications. */
export function appsDirectory(nest = defaultNest()) {
  packagesOf(nest);
  return NEST[nest].apps;
}
