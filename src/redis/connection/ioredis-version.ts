import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import type { RedisTarget } from '../options/redis-target.js';

/** The first version with sharded channels, which a Redis Cluster needs. */
const LOWEST = [5, 3] as const;

/** The first major version with RESP3. */
const RESP3 = 6;

const UPDATE = 'npm install ioredis@6';

/**
 * Checks that a version of ioredis works with the option `redis`.
 *
 * @param version as in its package.json
 * @throws ClusterConfigError if it does not
 * @internal
 */
export function assertIoRedisVersion(version: string, target: RedisTarget): void {
  const installed = `ioredis ${version}`;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < LOWEST[0] || (major === LOWEST[0] && minor < LOWEST[1])) {
    const expected = `ioredis ${LOWEST.join('.')} or later`;
    throw new ClusterConfigError(
      'redis',
      installed,
      expected,
      `The option "redis" needs ${expected}, and ${installed} is installed. Update it: ${UPDATE}`,
    );
  }
  const option = major < RESP3 ? resp3Option(target) : undefined;
  if (option !== undefined) {
    throw new ClusterConfigError(
      option,
      3,
      `2, or nothing, with ${installed}`,
      `The option "${option}" asks for RESP3, which ${installed} does not have. Remove the option, or update ioredis: ${UPDATE}`,
    );
  }
}

/** Returns the name of the option that asks for RESP3, if there is one. */
function resp3Option(target: RedisTarget): string | undefined {
  const { protocol, redisOptions } = target as {
    readonly protocol?: unknown;
    readonly redisOptions?: { readonly protocol?: unknown };
  };
  if (Number(protocol) === 3) {
    return 'redis.protocol';
  }
  return Number(redisOptions?.protocol) === 3 ? 'redis.redisOptions.protocol' : undefined;
}
