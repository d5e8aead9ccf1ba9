import nodeModule from 'node:module';

/** `node:module`'s compile cache, which Node has since 22.1; `@types/node` follows our oldest Node. */
interface CompileCache {
  enableCompileCache?(): unknown;
  getCompileCacheDir?(): string | undefined;
}

/**
 * Lets the workers of one primary share V8's compile cache: what one has compiled, the next reads
 * from disk. An environment that has chosen a directory, or none, is left as it is.
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
  cache.enableCompileCache?.();
  const directory = cache.getCompileCacheDir?.();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: directory };
}
