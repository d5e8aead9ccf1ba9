import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import type { RedisTarget } from '../options/redis-target.js';
import type { RedisNode } from './redis-client.interface.js';

/** The first version with sharded channels, which a Redis Cluster needs. */
const LOWEST = [5, 3] as const;

/** @internal */
export const LOWEST_IOREDIS = `ioredis ${LOWEST.join('.')} or later`;

/** The first major version with RESP3. */
const RESP3 = 6;

/** @internal */
export const UPDATE_IOREDIS = 'npm install ioredis@6';

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
    const expected = LOWEST_IOREDIS;
    throw new ClusterConfigError(
      'redis',
      installed,
      expected,
      `The option "redis" needs ${expected}, and ${installed} is installed. Update it: ${UPDATE_IOREDIS}`,
    );
  }
  const option = major < RESP3 ? resp3Option(target) : undefined;
  if (option !== undefined) {
    throw new ClusterConfigError(
      option,
      3,
      `2, or nothing, with ${installed}`,
      `The option "${option}" asks for RESP3, which ${installed} does not have. Remove the option, or update ioredis: ${UPDATE_IOREDIS}`,
    );
  }
}

/** The part of a command of ioredis that is used here. */
interface RedisCommand {
  readonly constructor: { checkFlag?(flag: string, command: string): boolean };
}

/**
 * Returns whether the application created a client with a version of ioredis that is too old. Its module may be
 * another copy than the one that this package finds, so the client itself must tell: the commands of ioredis before
 * 5.3 do not know sharded subscriptions, and ioredis 4 has no `createScanStream()`.
 *
 * @internal
 */
export function isOutdatedClient(client: RedisNode): boolean {
  try {
    const command = commandOf(client)?.constructor;
    // Otherwise it is not a client of ioredis, but one for tests that looks like it.
    return (
      command?.checkFlag !== undefined &&
      (!command.checkFlag('ENTER_SUBSCRIBER_MODE', 'ssubscribe') || !('createScanStream' in client))
    );
  } catch {
    return false;
  }
}

/** Returns a command of the client that is not sent. The class of the client cannot be reached from the client. */
function commandOf(client: RedisNode): RedisCommand | undefined {
  let made: RedisCommand | undefined;
  const probe = Object.create(client, {
    options: { value: {} },
    sendCommand: {
      value: (command: RedisCommand) => {
        made = command;
        return Promise.resolve();
      },
    },
  }) as { ping(): Promise<unknown> };
  probe.ping().catch(() => {});
  return made;
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
