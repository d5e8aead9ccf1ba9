// @ts-check
import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkOnce } from './bundle-packages.mjs';
import { NEST } from './nest/nest-versions.mjs';
import { writeJson } from './write-changed.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Copies the built sample application to a place where it loads the same packages as the fixtures. It then boots in
 * 40 % of the time.
 */
export async function provideSampleApp() {
  const built = join(root, 'sample-app');
  if (!existsSync(join(built, 'dist'))) {
    // `npm run build:sample` builds it. Most tests do not need it.
    return;
  }
  const copy = join(root, '.test-build/sample-app');
  for (const directory of ['dist', 'public']) {
    await rm(join(copy, directory), { recursive: true, force: true });
    await cp(join(built, directory), join(copy, directory), { recursive: true });
  }
  await writeJson(join(copy, 'package.json'), { name: 'sample-app', type: 'module' });
  await linkOnce(NEST[12].modules, join(copy, 'node_modules'));
}
