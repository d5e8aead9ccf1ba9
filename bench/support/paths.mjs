import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const benchRoot = fileURLToPath(new URL('..', import.meta.url));
const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The sources of the applications, and the directory of the compiled ones: inside the package, so that they can
 * import it by name.
 */
export const appSources = join(benchRoot, 'apps');
export const builtApps = join(projectRoot, '.test-build/bench');

/** The page with the recorded figures. */
export const page = join(projectRoot, 'docs/benchmarks.md');

/**
 * @param {string} name a file of `bench/apps`, without its extension
 */
export function appFile(name) {
  return join(builtApps, `${name}.js`);
}
