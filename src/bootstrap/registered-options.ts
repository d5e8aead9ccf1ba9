import type { ClusterModuleOptions } from '../config/cluster-options.interface.js';
import { type ResolvedClusterOptions, resolveOptions } from '../config/resolve-options.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { Registration } from './registration.js';

const REDIS_VARIABLE = 'CLUSTER_REDIS_URL';

let registered: Registration | undefined;

/** Remembers the arguments of `forRoot()` or `forRootAsync()` for code that runs before Nest. @internal */
export function rememberRegistration(registration: Registration): void {
  registered = registration;
}

/**
 * Returns the options as far as they are known before Nest: those of `forRoot()`, or else of the environment.
 *
 * @param who the function that needs them
 * @param redis its own option `redis`
 * @throws ClusterConfigError for invalid options, or if it is not known which server to use
 * @internal
 */
export function optionsBeforeNest(
  who: string,
  redis: ClusterModuleOptions['redis'],
): ResolvedClusterOptions {
  const inCode = registered && 'options' in registered ? registered.options : undefined;
  const isKnown = redis !== undefined || inCode || process.env[REDIS_VARIABLE]?.trim();
  if (!isKnown) {
    throw ClusterConfigError.unknownRedis(who, registered !== undefined);
  }
  return resolveOptions({ ...inCode, ...(redis !== undefined && { redis }) });
}
