/**
 * Loads the bundle of Nest beside this file with the code that V8 has compiled before, if `warm-bundle.mjs` has
 * saved it for this version of Node.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const filename = fileURLToPath(new URL('bundle.cjs', import.meta.url));

/** Where the compiled code is saved. */
export const CACHE_FILE = `${filename}.${process.version}.cache`;

/** @returns {Buffer | undefined} */
function savedCode() {
  try {
    return readFileSync(CACHE_FILE);
  } catch {
    return undefined;
  }
}

// V8 compiles the bundle as usual if it does not accept the saved code, for example with other flags. The bundle is
// ASCII.
export const script = new Script(readFileSync(filename, 'latin1'), {
  filename,
  cachedData: savedCode(),
});

const module = { exports: {} };
script.runInThisContext()(
  module.exports,
  createRequire(filename),
  module,
  filename,
  dirname(filename),
);

/**
 * For each package, a function that evaluates it at the first call and returns its exports.
 *
 * @type {Readonly<Record<string, () => Readonly<Record<string, unknown>>>>}
 */
export const packages = module.exports;
