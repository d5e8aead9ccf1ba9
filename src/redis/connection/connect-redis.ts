import { ClusterConfigError } from '../../model/errors/cluster-config.error.js';
import { ChangingPassword } from './changing-password.js';
import type { RedisTarget } from '../options/redis-target.js';
import type { RedisConnectionOptions } from '../options/redis-connection-options.interface.js';
import { endClient } from './end-client.js';
import { GUARDED, guardReplies, guardTopology } from './guard-replies.js';
import { limitHandshake } from './limit-handshake.js';
import { isCluster, isRedisClient, type RedisNode } from './redis-client.interface.js';
import { resolveIoRedis } from './resolve-ioredis.js';

/** A client, and whether this package owns it and ends it. @internal */
export interface RedisConnection {
  readonly client: RedisNode;
  readonly isOurs: boolean;
  /** Creates another client for the server of a client. It is not connected yet, and the caller must end it. */
  duplicate(node: RedisNode): RedisNode;
  /** Ends the client if this package created it. */
  close(): Promise<void>;
}

/** The exports of ioredis that are used here. */
interface IoRedis {
  readonly Redis: {
    new (options: object): RedisNode;
    new (url: string, options: object): RedisNode;
  };
  readonly Cluster: new (nodes: readonly unknown[], options: object) => RedisNode;
}

/**
 * ioredis must not retry commands by itself. It could apply an operation twice, or apply one after its caller was
 * told that it failed. The lanes decide what is retried, and for how long.
 */
const NO_RETRIES = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: undefined,
  enableAutoPipelining: false,
  stringNumbers: false,
  // ioredis does not report whether it could resubscribe.
  autoResubscribe: false,
  ...GUARDED,
};

const CONNECTING = {
  lazyConnect: true,
  connectTimeout: 2_000,
  // Includes the connection to the Sentinel. Without a limit, one that hangs is never given up for the next one.
  sentinelCommandTimeout: 4_000,
  disconnectTimeout: 200,
  retryStrategy: reconnectDelay,
};

/**
 * Opens a connection, or uses the client of the user. Does not wait until Redis is reachable.
 *
 * @throws ClusterConfigError if the package ioredis is not installed, or not in a version that works
 * @internal
 */
export async function connectRedis(
  target: RedisTarget,
  warn: (message: string) => void,
): Promise<RedisConnection> {
  if (isRedisClient(target)) {
    return {
      client: target,
      isOurs: false,
      duplicate: node => duplicate(node, target),
      close: () => Promise.resolve(),
    };
  }
  resolveIoRedis(target);
  const ioredis = await loadIoRedis();
  await guardReplies();
  const options = target as string | RedisConnectionOptions;
  const password = typeof options === 'string' ? undefined : options.password;
  const secret = await ChangingPassword.of(password, warn);
  const client = open(ioredis, options, secret);
  limitHandshake(client, warn);
  return {
    client,
    isOurs: true,
    duplicate: node => {
      const twin = duplicate(node, client, secret);
      secret.follow(twin);
      return twin;
    },
    close: () => endClient(client),
  };
}

/** Duplicates a client. The duplicate belongs to this package, also if the user created the client. */
function duplicate(node: RedisNode, client: RedisNode, secret?: ChangingPassword): RedisNode {
  const twin = node.duplicate({
    ...NO_RETRIES,
    lazyConnect: true,
    sentinelCommandTimeout:
      node.options.sentinelCommandTimeout ?? CONNECTING.sentinelCommandTimeout,
    disconnectTimeout: CONNECTING.disconnectTimeout,
    retryStrategy: isCluster(client) ? null : reconnectDelay,
    ...secret?.asOption,
  });
  limitHandshake(twin);
  return twin;
}

function open(
  { Redis, Cluster }: IoRedis,
  target: string | RedisConnectionOptions,
  secret: ChangingPassword,
): RedisNode {
  if (typeof target === 'string') {
    return new Redis(target, { ...CONNECTING, ...NO_RETRIES });
  }
  const { cluster, password: _, ...options } = target;
  const client = cluster
    ? new Cluster(cluster, clusterOptions(options, secret))
    : new Redis({ ...CONNECTING, ...options, ...secret.asOption, ...NO_RETRIES });
  guardTopology(client);
  secret.follow(client);
  return client;
}

function clusterOptions(
  { redisOptions, ...options }: Record<string, unknown>,
  secret: ChangingPassword,
): object {
  const nodeOptions = {
    connectTimeout: CONNECTING.connectTimeout,
    disconnectTimeout: CONNECTING.disconnectTimeout,
    ...(redisOptions as object | undefined),
    ...secret.asOption,
    ...NO_RETRIES,
  };
  return {
    ...options,
    lazyConnect: true,
    enableOfflineQueue: false,
    // ioredis repeats these commands, and then hides what the server replied.
    retryDelayOnClusterDown: 0,
    redisOptions: nodeOptions,
  };
}

async function loadIoRedis(): Promise<IoRedis> {
  try {
    return (await import('ioredis')) as unknown as IoRedis;
  } catch (cause) {
    throw ClusterConfigError.missingPackage('redis', 'ioredis', cause);
  }
}

/** The delay before a reconnection: 0 at first, then growing up to one second, with jitter to spread the workers. */
function reconnectDelay(times: number): number {
  return Math.random() * Math.min(1_000, 25 * 2 ** times) + 5;
}
