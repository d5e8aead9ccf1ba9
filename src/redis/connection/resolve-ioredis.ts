import { createRequire } from 'node:module';
import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import { OWN_CODE } from '../../system/own-package.js';
import type { RedisTarget } from '../options/redis-target.js';
import { assertIoRedisVersion } from './ioredis-version.js';

/**
 * Checks whether ioredis is installed, in a version that works with the option `redis`, without loading it.
 *
 * @throws ClusterConfigError if ioredis is not installed
 * @internal
 */
export function resolveIoRedis(target: RedisTarget, from = OWN_CODE): void {
  if (!from) {
    // In a bundle of the application, ioredis may be part of it.
    return;
  }
  let version: unknown;
  try {
    ({ version } = createRequire(from)('ioredis/package.json') as { readonly version?: unknown });
  } catch (cause) {
    throw ClusterConfigError.missingPackage('redis', 'ioredis', cause);
  }
  assertIoRedisVersion(String(version), target);
}
