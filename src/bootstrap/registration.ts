import { isDeepStrictEqual } from 'node:util';
import type { ClusterModuleAsyncOptions } from '../config/cluster-async-options.js';
import type { ClusterModuleOptions } from '../config/cluster-options.interface.js';
import { type ResolvedClusterOptions, resolveOptions } from '../config/resolve-options.js';

/** What `forRoot()` or `forRootAsync()` was called with. @internal */
export type Registration =
  { readonly options: ClusterModuleOptions } | { readonly async: ClusterModuleAsyncOptions };

/** Whether two calls mean the same. Of functions, nobody can tell: they do if they are the same. @internal */
export function isSameRegistration(one: Registration, other: Registration): boolean {
  if (isDeepStrictEqual(one, other)) {
    return true;
  }
  if ('options' in one && 'options' in other) {
    const [resolved, otherResolved] = [tryToResolve(one.options), tryToResolve(other.options)];
    return resolved !== undefined && isDeepStrictEqual(resolved, otherResolved);
  }
  return false;
}

/** Wrong options have an error of their own. */
function tryToResolve(options: ClusterModuleOptions): ResolvedClusterOptions | undefined {
  try {
    return resolveOptions(options);
  } catch {
    return undefined;
  }
}
