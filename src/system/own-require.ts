import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/** Returns the `require()` of this package. In a bundle of the application, it finds what the bundle finds. @internal */
export function ownRequire(): NodeJS.Require {
  return requireOf(import.meta.url, process.argv[1]);
}

/**
 * @param url the file of this package; no URL of a file in some bundles of the application: esbuild sets it to
 *   `undefined` in CommonJS
 * @param main the main file of the application, which stands for the bundle then
 * @internal
 */
export function requireOf(url: string | undefined, main = 'main.js'): NodeJS.Require {
  return createRequire(url?.startsWith('file:') ? url : resolve(main));
}
