import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const benchRoot = fileURLToPath(new URL('..', import.meta.url));
const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The sources of the applications, and where they are compiled to: inside the package, whose name they import. */
export const appSources = join(benchRoot, 'apps');
export const builtApps = join(projectRoot, '.test-build/bench');

/**
 * @param {string} name a file of `bench/apps`, without its extension
 */
export function appFile(name) {
  return join(builtApps, `${name}.js`);
}
