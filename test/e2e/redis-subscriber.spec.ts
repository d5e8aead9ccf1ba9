import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster, Redis } from 'ioredis';
import type { RedisTarget } from '../../src/redis/options/redis-target.js';
import { connectRedis } from '../../src/redis/connection/connect-redis.js';
import { hashSlot } from '../../src/redis/cluster/hash-slot.js';
import { RedisLink } from '../../src/redis/redis-link.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { HAS_RESP3 } from '../support/ioredis/has-resp3.mjs';
import { selfViewOf } from '../support/redis/cluster-view.js';
import { type ConcurrentTest, ownClient } from '../support/redis/own-client.js';
import { RedisCluster } from '../support/redis/redis-cluster.js';
import { RedisSentinel } from '../support/redis/redis-sentinel.js';
import { RedisServer } from '../support/redis/redis-server.js';

const DEADLINE = 30_000;

/** The connection of one application to Redis, with its log lines and the messages that it received. */
class Application {
  static async start(
    target: RedisTarget,
    { onTestFinished }: ConcurrentTest,
  ): Promise<Application> {
    const logs: string[] = [];
    const log = (message: string): unknown => logs.push(message);
    const connection = await connectRedis(target, log);
    const app = new Application(new RedisLink(connection, 'tickets', { log, warn: log }), logs);
    onTestFinished(() => app.link.close());
    app.link.subscriber.onResumed(names => app.resumed.push(names.toSorted()));
    return app;
  }

  readonly heard: string[] = [];
  readonly resumed: string[][] = [];

  private constructor(
    readonly link: RedisLink,
    readonly logs: string[],
  ) {}

  readonly listener = (message: string, channel: string): void =>
    void this.heard.push(`${channel} ${message}`);

  subscribe(channel: string): Promise<boolean> {
    return this.link.subscriber.subscribe(channel, this.listener);
  }

  async untilReady(): Promise<void> {
    await eventually(
      () => this.link.availability.unavailableSince === undefined,
      DEADLINE,
      () => this.logs.join('\n'),
    );
  }

  async untilHeard(...messages: string[]): Promise<void> {
    await eventually(
      () => messages.every(message => this.heard.includes(message)),
      DEADLINE,
      () => `Heard: ${this.heard.join(', ')}`,
    );
  }

  async untilResumed(times: number): Promise<void> {
    await eventually(
      () => this.resumed.length >= times,
      DEADLINE,
      () => `Resumed: ${JSON.stringify(this.resumed)}`,
    );
  }
}

afterAll(async () => {
  await FaultProxy.stopAll();
  await RedisServer.stopAll();
});

async function startServer(): Promise<{ server: RedisServer; proxy: FaultProxy }> {
  const server = await RedisServer.start();
  return { server, proxy: await FaultProxy.start({ host: '127.0.0.1', port: server.port }) };
}

const TARGETS: Readonly<Record<string, (proxy: FaultProxy, test: ConcurrentTest) => RedisTarget>> =
  {
    'by RESP3': ({ url }) => url,
    'by RESP2': ({ host, port }) => ({ host, port, protocol: 2 }),
    'with a client of the application': ({ url }, test) =>
      // disconnect() sets a timer of `disconnectTimeout` for a client that is not connected.
      ownClient(new Redis(url, { maxRetriesPerRequest: null, disconnectTimeout: 100 }), test),
  };
const CONNECTIONS: Readonly<Record<string, number>> = {
  'by RESP3': HAS_RESP3 ? 1 : 2,
  'by RESP2': 2,
  'with a client of the application': 2,
};

describe.concurrent.each(Object.keys(TARGETS))('a subscriber of a server, %s', how => {
  const start = async (test: ConcurrentTest) => {
    const { server, proxy } = await startServer();
    const target = TARGETS[how]!(proxy, test);
    return { server, proxy, target, app: await Application.start(target, test) };
  };

  it('receives all messages from its confirmation on, over the minimum number of connections', async test => {
    const { proxy, app } = await start(test);
    const made = await Promise.all([
      app.subscribe('news'),
      app.link.subscriber.subscribePattern('order.*', app.listener),
    ]);
    expect(made).toEqual([true, true]);
    await app.untilReady();
    expect(await app.link.publish('news', 'one')).toBe(1);
    expect(await app.link.publish('order.new', 'two')).toBe(1);
    await app.untilHeard('news one', 'order.new two');
    expect(app.resumed).toEqual([]);
    expect(proxy).toMatchObject({ connections: CONNECTIONS[how] });
  });

  it('restores all subscriptions after a connection was cut, and reports this once', async test => {
    const { proxy, app, server } = await start(test);
    await Promise.all([app.subscribe('news'), app.subscribe('weather')]);
    await app.link.subscriber.subscribePattern('order.*', app.listener);
    for (let cut = 1; cut <= 3; cut++) {
      proxy.cutAll();
      await app.untilResumed(cut);
      expect(app.resumed.at(-1)).toEqual(['news', 'order.*', 'weather']);
      // From now on, no message is missed.
      expect(await server.command('PUBLISH', 'news', cut)).toBe(1);
      expect(await server.command('PUBLISH', 'order.new', cut)).toBe(1);
      await app.untilHeard(`news ${cut}`, `order.new ${cut}`);
    }
    expect(app.resumed).toHaveLength(3);
    await app.untilReady();
    expect(proxy.connections).toBe(CONNECTIONS[how]);
  });

  it('receives nothing after unsubscribing, and can subscribe again', async test => {
    const { app, proxy } = await start(test);
    await Promise.all([app.subscribe('news'), app.subscribe('weather')]);
    expect(() => app.subscribe('news')).toThrow('"news" already has a listener');
    await app.link.subscriber.unsubscribe('news');
    await app.untilReady();
    expect(await app.link.publish('news', 'one')).toBe(0);
    proxy.cutAll();
    await app.untilResumed(1);
    expect(app.resumed).toEqual([['weather']]);
    await app.untilReady();
    expect(await app.link.publish('news', 'two')).toBe(0);
    expect(await app.subscribe('news')).toBe(true);
    expect(await app.link.publish('news', 'three')).toBe(1);
    await app.untilHeard('news three');
    expect(app.heard).toEqual(['news three']);
  });

  it('resolves at once while Redis is unavailable, and reports when its subscription has begun', async test => {
    const { proxy, app, server } = await start(test);
    await app.untilReady();
    proxy.refuse();
    proxy.cutAll();
    await eventually(
      () => app.link.availability.isLost,
      DEADLINE,
      () => 'It is there.',
    );
    expect(await app.subscribe('news')).toBe(false);
    await proxy.accept();
    await app.untilResumed(1);
    expect(app.resumed).toEqual([['news']]);
    await server.command('PUBLISH', 'news', 'one');
    await app.untilHeard('news one');
  });

  it('leaves nothing when it is closed', async test => {
    const { proxy, app, target } = await start(test);
    const ownClients = target instanceof Redis ? [target] : [];
    await app.subscribe('news');
    await app.link.close();
    await app.link.close();
    expect(await app.subscribe('weather')).toBe(false);
    // Only the connection of the application's own client stays open.
    await eventually(
      () => proxy.connections === ownClients.length,
      DEADLINE,
      () => `${proxy.connections} connections`,
    );
    expect(ownClients.map(({ status }) => status)).toEqual(ownClients.map(() => 'ready'));
    expect(ownClients.flatMap(client => client.listeners('message'))).toEqual([]);
  });

  it('is closed at once while nothing is there', async test => {
    const { proxy, app } = await start(test);
    proxy.refuse();
    proxy.cutAll();
    void app.subscribe('news');
    const before = performance.now();
    await app.link.close();
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

describe.concurrent('an application that uses Redis', () => {
  it.for(['by RESP3', 'by RESP2'])(
    'finds out that a connection is dead which does not say so, %s',
    async (how, test) => {
      const { proxy, server } = await startServer();
      const app = await Application.start(TARGETS[how]!(proxy, test), test);
      await Promise.all([app.subscribe('news'), app.untilReady()]);
      const { accepted } = proxy;
      proxy.stall();
      await eventually(
        () => proxy.accepted > accepted,
        DEADLINE,
        () => 'There is no other connection.',
      );
      await proxy.heal();
      await app.untilResumed(1);
      await server.command('PUBLISH', 'news', 'one');
      await app.untilHeard('news one');
    },
  );

  it('logs once that Redis is unreachable, and once that it is back, with any number of users', async test => {
    const { proxy, server } = await startServer();
    const app = await Application.start(proxy.url, test);
    await app.untilReady();
    const seen: string[] = [];
    const names = ['state', 'bus'];
    const stop = names.map(name =>
      app.link.availability.observe({
        onAvailable: isBack => seen.push(`${name} ${isBack}`),
        onUnavailable: () => seen.push(`${name} lost`),
      }),
    );
    await server.kill();
    await eventually(
      () => app.link.availability.isLost,
      DEADLINE,
      () => 'It is there.',
    );
    await server.restart();
    await app.untilReady();
    expect(seen).toEqual(['state lost', 'bus lost', 'state true', 'bus true']);
    expect(app.logs).toEqual([
      expect.stringContaining('Redis is unreachable'),
      'Redis is available again.',
    ]);
    stop.forEach(each => each());
  });

  it('says once of each channel that it may not be subscribed to', async test => {
    const { proxy, server } = await startServer();
    const rights = ['~*', '&tickets~*', '+@all', '-@dangerous', '+info'];
    await server.command('ACL', 'SETUSER', 'app', 'on', '>secret', ...rights);
    const { host, port } = proxy;
    const app = await Application.start({ host, port, username: 'app', password: 'secret' }, test);
    expect(await Promise.all([app.subscribe('news'), app.subscribe('tickets~a')])).toEqual([
      false,
      true,
    ]);
    proxy.cutAll();
    await app.untilResumed(1);
    expect(app.resumed).toEqual([['tickets~a']]);
    expect(app.logs.filter(line => line.includes('may not subscribe to "news"'))).toHaveLength(1);
    // The subscriber tries again on the next connection.
    await server.command('ACL', 'SETUSER', 'app', '&news');
    proxy.cutAll();
    await app.untilResumed(2);
    expect(app.resumed.at(-1)).toEqual(['news', 'tickets~a']);
  });

  it('receives messages from the new master after a failover by Sentinel', async test => {
    const sentinel = await RedisSentinel.start();
    const { sentinels, name } = sentinel;
    const app = await Application.start({ sentinels, name }, test);
    await app.untilReady();
    await app.subscribe('news');
    const old = await sentinel.killMaster();
    await sentinel.untilMaster(old);
    await app.untilReady();
    await app.untilResumed(1);
    await app.link.publish('news', 'one');
    await app.untilHeard('news one');
  });
});

const CLUSTER_TARGETS: Readonly<
  Record<string, (cluster: RedisCluster, test: ConcurrentTest) => RedisTarget>
> = {
  'by RESP3': ({ seeds }) => ({ cluster: seeds }),
  'by RESP2': ({ seeds }) => ({ cluster: seeds, redisOptions: { protocol: 2 } }),
  'with a client of the application': ({ seeds }, test) =>
    ownClient(
      new Cluster(seeds, { keyPrefix: 'mine:', redisOptions: { disconnectTimeout: 100 } }),
      test,
    ),
};

describe.concurrent.each(Object.keys(CLUSTER_TARGETS))('a subscriber of a cluster, %s', how => {
  let cluster: RedisCluster;
  /** Channels in several slots, and in each shard. */
  const CHANNELS = Array.from({ length: 12 }, (_, index) => `tickets:{${index}}~news`);
  const [channel = ''] = CHANNELS;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  const start = async (test: ConcurrentTest): Promise<Application> => {
    const app = await Application.start(CLUSTER_TARGETS[how]!(cluster, test), test);
    await app.untilReady();
    return app;
  };

  const publishEverywhere = async (app: Application, message: string): Promise<void> => {
    await Promise.all(CHANNELS.map(each => app.link.publish(each, message)));
    await app.untilHeard(...CHANNELS.map(each => `${each} ${message}`));
  };

  it.sequential('receives messages of each shard, and messages of all shards', async test => {
    const app = await start(test);
    expect(await Promise.all(CHANNELS.map(each => app.subscribe(each)))).not.toContain(false);
    expect(await app.link.subscriber.subscribeBroadcast('grants', app.listener)).toBe(true);
    expect(() => app.link.subscriber.subscribePattern('a*', app.listener)).toThrow(
      'does not support patterns such as a* for sharded channels',
    );
    await publishEverywhere(app, 'one');
    await app.link.client.call('PUBLISH', 'grants', 'one');
    await app.untilHeard('grants one');
    // Unsubscribing ends the sharded channels; the broadcast channel remains.
    await Promise.all(CHANNELS.map(each => app.link.subscriber.unsubscribe(each)));
    await Promise.all(CHANNELS.map(each => app.link.publish(each, 'two')));
    await app.link.client.call('PUBLISH', 'grants', 'two');
    await app.untilHeard('grants two');
    expect(app.heard).toHaveLength(CHANNELS.length + 2);
    expect(app.resumed).toEqual([]);
  });

  it.sequential('opens no more connections than it needs', async test => {
    const before = await subscribersOf(cluster);
    const app = await start(test);
    await Promise.all(CHANNELS.map(each => app.subscribe(each)));
    expect((await subscribersOf(cluster)) - before).toBe(3);
    const clients = await Promise.all(cluster.nodes.map(node => clientsOf(node)));
    // One connection to each node for commands, and a second one to each master if the first cannot also subscribe.
    expect(clients.flat()).toHaveLength(how === 'by RESP3' && HAS_RESP3 ? 6 : 9);
    await app.link.close();
    await eventually(
      async () => (await subscribersOf(cluster)) === before,
      DEADLINE,
      () => 'There are some left.',
    );
  });

  it.sequential('receives messages of a shard again whose connections were cut', async test => {
    const app = await start(test);
    await Promise.all(CHANNELS.map(each => app.subscribe(each)));
    const master = await cluster.masterOf(channel);
    const masters = await Promise.all(CHANNELS.map(each => cluster.masterOf(each)));
    const here = CHANNELS.filter((_, index) => masters[index] === master);
    await master.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await app.untilResumed(1);
    await publishEverywhere(app, 'one');
    expect(app.resumed).toEqual([here.toSorted()]);
  });

  it.sequential('receives messages of a slot that moves to another shard', async test => {
    const app = await start(test);
    await Promise.all(CHANNELS.map(each => app.subscribe(each)));
    const slot = hashSlot(channel);
    const from = await cluster.masterOf(channel);
    const masters = await Promise.all(CHANNELS.map(each => cluster.masterOf(each)));
    const to = masters.find(master => master !== from)!;
    // This slot has the key of the schema version. A node keeps a slot as long as it has keys in it.
    const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', slot, 10)) as string[];
    await Promise.all(keys.map(key => from.command('DEL', key)));
    const [{ id: source }, { id: target }] = [await selfViewOf(from), await selfViewOf(to)];
    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
    await to.command('CLUSTER', 'SETSLOT', slot, 'NODE', target);
    await from.command('CLUSTER', 'SETSLOT', slot, 'NODE', target);
    await cluster.untilHealthy();
    await eventually(
      () => app.resumed.flat().includes(channel),
      DEADLINE,
      () => JSON.stringify(app.resumed),
    );
    await publishEverywhere(app, 'one');
    expect(app.heard).toHaveLength(CHANNELS.length);
  });

  it.sequential(
    'continues to receive messages when a master and its replica swap roles',
    async test => {
      const app = await start(test);
      await Promise.all(CHANNELS.map(each => app.subscribe(each)));
      await cluster.failover(channel);
      await cluster.untilHealthy();
      await publishEverywhere(app, 'one');
      expect(app.heard).toHaveLength(CHANNELS.length);
    },
  );

  it.sequential(
    'receives messages from the replica that takes over from a killed master',
    async test => {
      const app = await start(test);
      await Promise.all(CHANNELS.map(each => app.subscribe(each)));
      await app.link.subscriber.subscribeBroadcast('grants', app.listener);
      const killed = await cluster.killMaster(channel);
      await cluster.untilMaster(channel, killed);
      await eventually(
        () => app.resumed.flat().includes(channel),
        DEADLINE,
        () => JSON.stringify(app.resumed),
      );
      await publishEverywhere(app, 'one');
      await app.link.client.call('PUBLISH', 'grants', 'one');
      await app.untilHeard('grants one');
      expect(new Set(app.heard).size).toBe(CHANNELS.length + 1);
      await killed.restart();
      await cluster.untilHealthy();
    },
  );
});

/** The clients of a node that have sent a command other than CLIENT. */
async function clientsOf(node: RedisServer): Promise<string[]> {
  const normal = String(await node.command('CLIENT', 'LIST', 'TYPE', 'normal'));
  const subscribed = String(await node.command('CLIENT', 'LIST', 'TYPE', 'pubsub'));
  return (
    `${normal}\n${subscribed}`
      .split('\n')
      // Excludes this connection, and the one that ioredis opens for a moment to refresh the slots.
      .filter(line => line.includes('id=') && !/cmd=(client|NULL)|\(refresher\)/.test(line))
  );
}

async function subscribersOf(cluster: RedisCluster): Promise<number> {
  const lists = await Promise.all(
    cluster.nodes
      .filter(({ isUp }) => isUp)
      .map(node => node.command('CLIENT', 'LIST', 'TYPE', 'pubsub')),
  );
  return lists.flatMap(list => String(list).split('\n')).filter(line => line.includes('id='))
    .length;
}
