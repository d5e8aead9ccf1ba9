import { randomUUID } from 'node:crypto';
import { RedisCluster } from '../support/redis/redis-cluster.js';
import { RedisSentinel } from '../support/redis/redis-sentinel.js';
import { RedisServer } from '../support/redis/redis-server.js';

/** The servers that a backend needs, and the environment of an application that uses it. */
export interface Backend {
  readonly env: Readonly<Record<string, string>>;
  readonly stop?: () => Promise<void>;
}

const withRedis = (redis: object): Record<string, string> => ({
  CLUSTER_WORKERS: '0',
  CLUSTER_NAMESPACE: randomUUID(),
  REDIS: JSON.stringify(redis),
});

export type Backends = Readonly<Record<string, () => Promise<Backend>>>;

export const MEMORY: Backends = {
  'memory in single mode': () => Promise.resolve({ env: { CLUSTER_WORKERS: '0' } }),

  'memory from worker processes': () => Promise.resolve({ env: { CLUSTER_WORKERS: '2' } }),
};

export const REDIS_SERVERS: Backends = {
  'a Redis server': () =>
    Promise.resolve({
      env: {
        CLUSTER_WORKERS: '2',
        CLUSTER_NAMESPACE: randomUUID(),
        CLUSTER_REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
      },
    }),

  'a Redis server, by RESP2': async () => {
    const server = await RedisServer.start();
    const { hostname: host, port } = new URL(server.url);
    return {
      env: withRedis({ host, port: Number(port), protocol: 2 }),
      stop: () => server.stop(),
    };
  },
};

/** Groups of servers that can take over from each other. */
export const REDIS_GROUPS: Backends = {
  'a Redis Cluster': async () => {
    const cluster = await RedisCluster.start();
    return { env: withRedis({ cluster: cluster.seeds }), stop: () => cluster.stop() };
  },

  'the master that Sentinels know': async () => {
    const sentinel = await RedisSentinel.start();
    const { sentinels, name } = sentinel;
    return { env: withRedis({ sentinels, name }), stop: () => sentinel.stop() };
  },
};

/** ioredis prefixes keys and sharded channels, but no other channels and no arguments of scripts. */
export const KEY_PREFIX: Backends = {
  'a Redis server with keyPrefix': async () => {
    const server = await RedisServer.start();
    const { hostname: host, port } = new URL(server.url);
    return {
      env: withRedis({ host, port: Number(port), keyPrefix: 'prefix:' }),
      stop: () => server.stop(),
    };
  },

  'a Redis Cluster with keyPrefix': async () => {
    const cluster = await RedisCluster.start();
    return {
      env: withRedis({ cluster: cluster.seeds, keyPrefix: 'prefix:' }),
      stop: () => cluster.stop(),
    };
  },
};

/** All backends. An application must behave the same on each of them. */
export const BACKENDS: Backends = { ...MEMORY, ...REDIS_SERVERS, ...REDIS_GROUPS };
