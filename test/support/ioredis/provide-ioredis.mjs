// @ts-check
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyOwnPackage, linkOnce } from '../bundle-packages.mjs';
import { compileFixtures } from '../compile-fixtures.mjs';
import { NEST } from '../nest/nest-versions.mjs';
import { builtFor } from './ioredis-versions.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const bundled = NEST['12'].modules;

/**
 * Gives the applications of the tests another ioredis, with the same bundled packages.
 *
 * @param {string} ioredis a package in `node_modules`
 */
export async function provideIoRedis(ioredis) {
  const apps = join(builtFor(ioredis), 'apps');
  const modules = join(builtFor(ioredis), 'node_modules');
  await compileFixtures(undefined, apps);
  await writeFile(join(apps, 'package.json'), '{"name":"fixtures","type":"module"}');
  await mkdir(modules, { recursive: true });
  await linkOnce(join(root, 'node_modules', ioredis), join(modules, 'ioredis'));
  const others = (await readdir(bundled)).filter(name => name !== 'nestjs-cluster');
  await Promise.all(others.map(name => linkOnce(join(bundled, name), join(modules, name))));
  await copyOwnPackage(join(modules, 'nestjs-cluster'));
}
