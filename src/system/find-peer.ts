import { createRequire } from 'node:module';
import { OWN_CODE } from './own-package.js';

/**
 * Looks for an optional peer dependency as this package finds it, without loading it.
 *
 * @param look gets the `require` of this package; under another name, or bundlers would read its call as an import
 * @param from the directory of our code
 * @returns what `look` returns; `undefined` in a bundle of the application, which may contain the dependency
 * @throws Error of `look`, if the dependency is not installed
 * @internal
 */
export function findPeer<T>(look: (load: NodeJS.Require) => T, from = OWN_CODE): T | undefined {
  return from && look(createRequire(from));
}
