import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import { findPeer } from '../../system/find-peer.js';
import type { RedisTarget } from '../options/redis-target.js';
import { assertIoRedisVersion } from './ioredis-version.js';

/**
 * Checks whether ioredis is installed, in a version that works with the option `redis`, without loading it.
 *
 * @throws ClusterConfigError if ioredis is not installed
 * @internal
 */
export function resolveIoRedis(target: RedisTarget, from?: URL): void {
  const version = installedVersion(from);
  if (version !== undefined) {
    assertIoRedisVersion(version, target);
  }
}

function installedVersion(from: URL | undefined): string | undefined {
  try {
    return findPeer(load => {
      const { version } = load('ioredis/package.json') as { readonly version?: unknown };
      return String(version);
    }, from);
  } catch (cause) {
    throw ClusterConfigError.missingPackage('redis', 'ioredis', cause);
  }
}
