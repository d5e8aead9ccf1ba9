import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COUNTER_EXAMPLES } from '../fixtures/apps/state/counter.examples.js';
import { LOCK_EXAMPLES } from '../fixtures/apps/state/lock.examples.js';
import { OBJECT_EXAMPLES } from '../fixtures/apps/state/object.examples.js';
import { VALUE_EXAMPLES } from '../fixtures/apps/state/value.examples.js';
import { Application } from '../support/application.js';
import { RedisCluster } from '../support/redis/redis-cluster.js';
import { RedisSentinel } from '../support/redis/redis-sentinel.js';
import { RedisServer } from '../support/redis/redis-server.js';

/** What has to be started for a backend, and the environment of an application that uses it. */
interface Backend {
  readonly env: Readonly<Record<string, string>>;
  readonly stop?: () => Promise<void>;
}

const withRedis = (redis: object): Record<string, string> => ({
  CLUSTER_WORKERS: '0',
  CLUSTER_NAMESPACE: randomUUID(),
  REDIS: JSON.stringify(redis),
});

const BACKENDS: Readonly<Record<string, () => Promise<Backend>>> = {
  'memory in single mode': () => Promise.resolve({ env: { CLUSTER_WORKERS: '0' } }),

  'memory from worker processes': () => Promise.resolve({ env: { CLUSTER_WORKERS: '2' } }),

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

const NAMES = [...COUNTER_EXAMPLES, ...VALUE_EXAMPLES, ...OBJECT_EXAMPLES, ...LOCK_EXAMPLES].map(
  ({ name }) => name,
);

describe.each(Object.keys(BACKENDS))('the shared state in %s', name => {
  let backend: Backend;
  let app: Application;

  beforeAll(async () => {
    backend = await BACKENDS[name]!();
    app = await Application.ready('state/conformance', { env: backend.env });
  });

  afterAll(async () => {
    app.signal('SIGTERM');
    const { code } = await app.exited;
    await Application.endAll();
    await backend.stop?.();
    expect({ code, output: app.stderr }).toEqual({ code: 0, output: '' });
  });

  it.each(NAMES)('%s', async example => {
    const response = await fetch(app.url(`/${encodeURIComponent(example)}`), { method: 'POST' });
    expect(await response.text()).toBe('passed');
  });

  it('has its counters injected', async () => {
    for (const value of ['1', '2']) {
      const response = await fetch(app.url('/injected'), { method: 'POST' });
      expect(await response.text()).toBe(value);
    }
  });
});
