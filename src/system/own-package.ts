import { readJson } from './read-json.js';

const NAME = 'nestjs-cluster';

/** The directories of our code: the output of the build, the sources, and the output of the compiler. */
const DIRECTORY = /\/(dist|src|build)\/$/;

interface OwnPackage {
  readonly version: string;
  /** The directory with its code, as a URL that ends with a slash. */
  readonly code: URL;
}

// The URL is undefined in a CommonJS bundle of the application.
const found = ownPackage(import.meta.url);

/** The version of this package; `unknown` in a bundle that does not come from our own build. @internal */
export const PACKAGE_VERSION = builtVersion() ?? found?.version ?? 'unknown';

/**
 * The directory with the code of this package: `dist`, or `src` in our own tests. `undefined` where a bundler has put
 * the code into a file of the application.
 *
 * @internal
 */
export const OWN_CODE: URL | undefined = found?.code;

/** Set by the build. */
declare const BUILT_VERSION: string | undefined;

function builtVersion(): string | undefined {
  return typeof BUILT_VERSION === 'string' ? BUILT_VERSION : undefined;
}

/**
 * Returns this package if the file belongs to it. The build puts all code into one directory; the sources have
 * subdirectories.
 *
 * @internal
 */
export function ownPackage(file: string | undefined): OwnPackage | undefined {
  if (file === undefined) {
    return undefined;
  }
  for (const directory of ['./', '../']) {
    const code = new URL(directory, file);
    const manifest = DIRECTORY.test(code.pathname)
      ? readJson(new URL('../package.json', code))
      : undefined;
    if (manifest?.['name'] === NAME) {
      return { version: String(manifest['version']), code };
    }
  }
  return undefined;
}
