// @ts-check
import { cp, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleNest } from './nest/bundle-nest.mjs';
import { NEST } from './nest/nest-versions.mjs';
import { writeJson } from './write-changed.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Puts the packages that the applications of the tests import below their directory: a copy of this package, and
 * Nest of this version.
 *
 * @param {import('./nest/nest-versions.mjs').NestVersion} nest
 */
export async function providePackages(nest = '12') {
  const { packages, apps, modules, isBundled } = NEST[nest];
  await (isBundled ? bundleNest(packages, modules) : linkPackages(packages, modules));
  await copyOwnPackage(join(modules, 'nestjs-cluster'));
  // It needs its own name. Otherwise `nestjs-cluster` would be the package that contains the directory.
  await mkdir(apps, { recursive: true });
  await writeJson(join(apps, 'package.json'), { name: 'fixtures', type: 'module' });
  await linkOnce(modules, join(apps, 'node_modules'));
}

/**
 * Packages as they are published.
 *
 * @param {string} from the directory of the installed packages
 * @param {string} modules
 */
async function linkPackages(from, modules) {
  const { dependencies } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await linkOnce(join(from, 'node_modules', name), join(modules, name));
  }
}

/**
 * Not a link: Node would resolve imports from the location of the original.
 *
 * @param {string} to
 */
export async function copyOwnPackage(to) {
  await rm(to, { recursive: true, force: true });
  await cp(join(root, 'dist'), join(to, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(to, 'package.json'));
}

/**
 * @param {string} target
 * @param {string} path
 */
export async function linkOnce(target, path) {
  await symlink(target, path).catch(error => {
    if (error.code !== 'EEXIST') {
      throw error;
    }
  });
}
