import { once } from 'node:events';
import { afterAll, describe, expect, it } from 'vitest';
import { Cluster, Redis } from 'ioredis';
import type { RedisTarget } from '../../src/redis/options/redis-target.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { HAS_RESP3 } from '../support/ioredis/has-resp3.mjs';
import { RedisMember } from '../support/redis-member.js';
import { type ConcurrentTest, ownClient } from '../support/redis/own-client.js';
import { RedisCluster } from '../support/redis/redis-cluster.js';
import { RedisSentinel } from '../support/redis/redis-sentinel.js';
import { RedisServer } from '../support/redis/redis-server.js';

const DEADLINE = 20_000;

/** The number of connections of a member: one for commands, and by RESP2 one for subscriptions. */
const CONNECTIONS = HAS_RESP3 ? 1 : 2;

/** Keys in several slots. The first one is in the slot of the version of the schema. */
const KEYS = Array.from({ length: 12 }, (_, index) => `{${index}}`);

/** Options of clients of the application. */
const CLIENT = { disconnectTimeout: 100 };

afterAll(async () => {
  await FaultProxy.stopAll();
  await RedisServer.stopAll();
});

async function memberOf(
  redis: RedisTarget,
  { onTestFinished }: ConcurrentTest,
): Promise<RedisMember> {
  const member = await RedisMember.of(redis, { namespace: 'tickets' });
  onTestFinished(() => member.close());
  return member;
}

async function startProxy(): Promise<FaultProxy> {
  const { port } = await RedisServer.start();
  return FaultProxy.start({ host: '127.0.0.1', port });
}

async function untilAccepted(proxy: FaultProxy, connections: number): Promise<void> {
  await eventually(
    () => proxy.accepted >= connections,
    DEADLINE,
    () => `${proxy.accepted} connections`,
  );
}

async function untilAvailable({ link, logged }: RedisMember): Promise<void> {
  await eventually(
    () => link.availability.unavailableSince === undefined,
    DEADLINE,
    () => logged.join('\n'),
  );
}

/** Subscribes to a channel. Returns a function that waits until it is restored. */
async function subscribed(member: RedisMember): Promise<() => Promise<readonly string[]>> {
  await untilAvailable(member);
  const { subscriber } = member.link;
  expect(await subscriber.subscribe('news', () => {})).toBe(true);
  const resumed = new Promise<readonly string[]>(resolve => subscriber.onResumed(resolve));
  return () => resumed;
}

/** Cuts all connections with subscriptions. */
async function killSubscriptions({ link }: RedisMember): Promise<void> {
  await link.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
}

describe.concurrent('a connection that is accepted but not answered', () => {
  it('is replaced, and the outage is logged', async test => {
    const proxy = await startProxy();
    proxy.ignoreNext();
    const member = await memberOf(proxy.url, test);
    await untilAvailable(member);
    await untilAccepted(proxy, 1 + CONNECTIONS);
    expect(member.logged).toEqual([
      expect.stringContaining('Redis is unreachable (it does not answer)'),
      'Redis is available again.',
    ]);
  });

  it('is replaced after an outage', async test => {
    const proxy = await startProxy();
    const member = await memberOf(proxy.url, test);
    await untilAvailable(member);
    proxy.ignoreNext();
    proxy.cutAll();
    await untilAccepted(proxy, 1 + 2 * CONNECTIONS);
    await untilAvailable(member);
  });

  it('is reported if a client of the application opened it', async test => {
    const proxy = await startProxy();
    proxy.ignoreNext();
    const client = ownClient(new Redis(proxy.url, CLIENT), test);
    const member = await memberOf(client, test);
    expect(await member.available()).toBe('the connection is not ready');
    expect(client.status).toBe('connect');
  });
});

it.concurrent('keeps the connection to a server with a round trip of half a second', async test => {
  const proxy = await startProxy();
  proxy.latency(250);
  const member = await memberOf(proxy.url, test);
  await untilAvailable(member);
  await untilAccepted(proxy, CONNECTIONS);
  expect(member.logged).toEqual([]);
});

describe.concurrent('a connection for subscriptions that is not answered', () => {
  it.for<[string, (proxy: FaultProxy, test: ConcurrentTest) => RedisTarget]>([
    ['by RESP2', ({ host, port }) => ({ host, port, protocol: 2 })],
    [
      'with a client of the application',
      ({ url }, test) => ownClient(new Redis(url, CLIENT), test),
    ],
  ])('is replaced, %s', async ([, target], test) => {
    const proxy = await startProxy();
    const member = await memberOf(target(proxy, test), test);
    const resumed = await subscribed(member);
    proxy.ignoreNext();
    await killSubscriptions(member);
    expect(await resumed()).toContain('news');
    expect(await member.link.publish('news', 'one')).toBe(1);
  });
});

describe.concurrent('a Sentinel that hangs', () => {
  it('does not keep a worker from the others, neither at its start nor after a failover', async test => {
    const sentinel = await RedisSentinel.start();
    const { sentinels, name } = sentinel;
    await sentinel.sentinelServers[0]!.pause();
    const member = await memberOf({ sentinels, name }, test);
    await untilAvailable(member);
    const killed = await sentinel.killMaster();
    await sentinel.untilMaster(killed);
    await untilAvailable(member);
  });

  it('does not keep the connection for subscriptions from them, with a client of the application', async test => {
    const { sentinels, name, sentinelServers } = await RedisSentinel.start();
    const member = await memberOf(ownClient(new Redis({ sentinels, name, ...CLIENT }), test), test);
    const resumed = await subscribed(member);
    // ioredis asks the Sentinels in turn.
    await sentinelServers[1]!.pause();
    await killSubscriptions(member);
    expect(await resumed()).toContain('news');
    expect(await member.link.publish('news', 'one')).toBe(1);
  });
});

it.concurrent(
  'uses the other nodes of a cluster when a worker starts while a master hangs',
  async test => {
    const cluster = await RedisCluster.start();
    const client = ownClient(new Cluster(cluster.seeds, { redisOptions: CLIENT }), test);
    await once(client, 'ready');
    const masters = await Promise.all(KEYS.map(key => cluster.masterOf(key)));
    const [master] = masters;
    // No replica takes over within the next minute.
    await Promise.all(
      cluster.nodes.map(node => node.command('CONFIG', 'SET', 'cluster-node-timeout', 60_000)),
    );
    await master!.pause();
    const { link, logged } = await memberOf(client, test);
    const key = KEYS.find((_, index) => masters[index] !== master)!;
    await eventually(
      () => link.availability.unavailableSince === undefined,
      DEADLINE,
      () => logged.join('\n'),
    );
    expect(await link.client.call('get', key)).toBeNull();
  },
);
