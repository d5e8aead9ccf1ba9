import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { privateDirectory } from './private-directory.js';

/** `node:module`'s compile cache, which Node has since 22.1; `@types/node` follows our oldest Node. */
interface CompileCache {
  enableCompileCache?(directory: string): unknown;
  getCompileCacheDir?(): string | undefined;
}

/**
 * Lets primary and workers share V8's compile cache: what one process has compiled, the next reads from disk. An
 * environment or an application that has chosen a directory, or none, is left as it is.
 *
 * Node runs the code that it finds in the cache, and its default directory is one of a well-known name among the
 * temporary files, where another user can have put it. So the cache is in a directory that only this user
 * can write to; where there is none, there is no cache.
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
  // Not what `getCompileCacheDir()` says: that is a subdirectory of it, in which a worker would make another one.
  return cache.getCompileCacheDir?.() === undefined ? {} : { NODE_COMPILE_CACHE: directory };
}

/** Where the user's caches are: systemd's `CacheDirectory=`, the XDG base directory, or the platform's. */
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
    // A user of which the system knows nothing, as `runAsUser` of a container may name one.
    return undefined;
  }
}
