import { isDeepStrictEqual } from 'node:util';
import type { ClusterModuleAsyncOptions } from '../config/cluster-async-options.js';
import type { ClusterModuleOptions } from '../config/cluster-options.interface.js';
import { type ResolvedClusterOptions, resolveOptions } from '../config/resolve-options.js';

/** The arguments of `forRoot()` or `forRootAsync()`. @internal */
export type Registration =
  { readonly options: ClusterModuleOptions } | { readonly async: ClusterModuleAsyncOptions };

/** Whether two calls have the same meaning. Functions are the same only if they are identical. @internal */
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

/** Returns `undefined` for invalid options, which are reported elsewhere. */
function tryToResolve(options: ClusterModuleOptions): ResolvedClusterOptions | undefined {
  try {
    return resolveOptions(options);
  } catch {
    return undefined;
  }
}
