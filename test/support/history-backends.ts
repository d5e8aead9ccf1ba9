import { randomUUID } from 'node:crypto';
import { connectRedis } from '../../src/redis/connection/connect-redis.js';
import type { RedisTarget } from '../../src/redis/options/redis-target.js';
import { memoryChannel, memoryExecutor } from './memory-channel.js';
import { RedisLink } from '../../src/redis/redis-link.js';
import { RedisExecutor } from '../../src/state/backends/redis/redis-executor.js';
import { RedisKeys } from '../../src/state/backends/redis/redis-keys.js';
import { StateClient } from '../../src/state/client/state-client.js';
import type { StateExecutor } from '../../src/state/state-executor.interface.js';
import { RedisCluster } from './redis/redis-cluster.js';
import { RedisServer } from './redis/redis-server.js';
import { TopicHistory } from './topic-history.js';

/** The deadline of a call, in milliseconds. */
const TIMEOUT = 15_000;

const LOGGER = { log: (): void => {}, warn: (): void => {} };

/** A backend for topic histories, with clients in the process of the test. */
export class HistoryBackend {
  readonly #clients: StateClient[] = [];

  constructor(
    private readonly open: () => Promise<StateExecutor>,
    private readonly end: () => Promise<void> = () => Promise.resolve(),
  ) {}

  /** The history of a topic, as seen by another client. */
  async history(key: string): Promise<TopicHistory> {
    return new TopicHistory(await this.client(), key);
  }

  /** A client of the shared state. */
  async client(): Promise<StateClient> {
    const client = new StateClient(await this.open(), TIMEOUT, 0);
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map(client => client.close()));
    await this.end();
  }
}

/** Creates clients for a Redis connection. */
export function redisBackend(
  target: unknown,
  namespace: string,
  end?: () => Promise<void>,
): HistoryBackend {
  const links: RedisLink[] = [];
  return new HistoryBackend(
    async () => {
      const connection = await connectRedis(target as RedisTarget, () => {});
      const link = new RedisLink(connection, namespace, LOGGER);
      links.push(link);
      return new RedisExecutor(link, namespace);
    },
    async () => {
      await Promise.all(links.map(link => link.close()));
      await end?.();
    },
  );
}

/** Finds the server of a key, and names the subscription command for its channels. */
export interface HistoryServer {
  readonly keys: RedisKeys;
  readonly subscribing: 'subscribe' | 'ssubscribe';
  of(key: string): Promise<RedisServer>;
}

interface Opened {
  readonly backend: HistoryBackend;
  /** All backends except the memory. */
  readonly server?: HistoryServer;
}

async function onServer(options: object): Promise<Opened> {
  const server = await RedisServer.start();
  const namespace = randomUUID();
  const target = { host: '127.0.0.1', port: server.port, ...options };
  return {
    backend: redisBackend(target, namespace, () => server.stop()),
    server: {
      keys: new RedisKeys(namespace, false),
      subscribing: 'subscribe',
      of: () => Promise.resolve(server),
    },
  };
}

async function onCluster(): Promise<Opened> {
  const cluster = await RedisCluster.start();
  const namespace = randomUUID();
  return {
    backend: redisBackend({ cluster: cluster.seeds }, namespace, () => cluster.stop()),
    server: {
      keys: new RedisKeys(namespace, true),
      subscribing: 'ssubscribe',
      of: key => cluster.masterOf(key),
    },
  };
}

function inMemory(): Promise<Opened> {
  const channel = memoryChannel();
  const open = (): Promise<StateExecutor> => Promise.resolve(memoryExecutor(channel));
  return Promise.resolve({ backend: new HistoryBackend(open) });
}

export const REDIS_BACKENDS: Readonly<Record<string, () => Promise<Opened>>> = {
  'a Redis server': () => onServer({}),
  'a Redis server, by RESP2': () => onServer({ protocol: 2 }),
  'a Redis Cluster': onCluster,
};

export const HISTORY_BACKENDS: Readonly<Record<string, () => Promise<Opened>>> = {
  'the memory': inMemory,
  ...REDIS_BACKENDS,
};
