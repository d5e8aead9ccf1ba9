import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { privateDirectory } from '../../system/process/private-directory.js';

/**
 * The compile cache of `node:module`, which exists since Node 22.1; `@types/node` describes the oldest supported
 * Node.
 */
interface CompileCache {
  enableCompileCache?(directory: string): unknown;
  getCompileCacheDir?(): string | undefined;
}

/**
 * Returns the environment variables that let primary and workers share V8's compile cache: code that one process has
 * compiled is read from disk by the next. A directory that the environment or the application has chosen is left
 * alone, and so is a disabled cache.
 *
 * Node runs the code that it finds in the cache. Its default directory has a well-known name among the temporary
 * files, so another user could have created it. Therefore the cache is in a directory that only this user can write
 * to. Without such a directory there is no cache.
 *
 * https://nodejs.org/api/module.html#module-compile-cache
 *
 * @internal
 */
export function compileCacheVariables(
  cache: CompileCache = nodeModule as CompileCache,
  env: NodeJS.ProcessEnv = process.env,
): { NODE_COMPILE_CACHE?: string } {
  if (env['NODE_COMPILE_CACHE'] || env['NODE_DISABLE_COMPILE_CACHE']) {
    return {};
  }
  if (!cache.enableCompileCache || cache.getCompileCacheDir?.() !== undefined) {
    return {};
  }
  const home = cacheHome(env);
  const directory = home && privateDirectory(join(home, 'nestjs-cluster', 'compile-cache'));
  if (!directory) {
    return {};
  }
  cache.enableCompileCache(directory);
  // Not `getCompileCacheDir()`: it is a subdirectory of this one, in which a worker would create another one.
  return cache.getCompileCacheDir?.() === undefined ? {} : { NODE_COMPILE_CACHE: directory };
}

/** The directory for the user's caches: systemd's `CacheDirectory=`, the XDG base directory, or that of the platform. */
function cacheHome(env: NodeJS.ProcessEnv): string | undefined {
  const [ofService] = (env['CACHE_DIRECTORY'] ?? '').split(':');
  const named = [ofService, env['XDG_CACHE_HOME']].find(path => path && isAbsolute(path));
  if (named) {
    return named;
  }
  const usual = process.platform === 'darwin' ? 'Library/Caches' : '.cache';
  try {
    return join(env['HOME'] || homedir(), usual);
  } catch {
    // A user that the system does not know, for example `runAsUser` of a container.
    return undefined;
  }
}
