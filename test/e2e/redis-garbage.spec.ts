import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../src/bus/bus-transport.interface.js';
import { BusChannels } from '../../src/bus/transports/redis/bus-channels.js';
import { perform } from '../../src/state/objects/perform.js';
import { RedisKeys } from '../../src/state/backends/redis/redis-keys.js';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { RedisMember } from '../support/redis-member.js';
import { RemoteState } from '../support/remote-state.js';
import { GarbageServer } from '../support/redis/garbage-server.js';
import { RedisServer } from '../support/redis/redis-server.js';

/** A timeout in ms that no call reaches. */
const TIMEOUT = 20_000;

const DEADLINE = 15_000;

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

let server: RedisServer;
let namespace: string;
let keys: RedisKeys;
let members: RedisMember[];

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  server = await RedisServer.start();
});
afterAll(async () => {
  process.off('unhandledRejection', onUnhandled);
  await RedisServer.stopAll();
  expect(unhandled).toEqual([]);
});

beforeEach(() => {
  namespace = randomUUID();
  keys = new RedisKeys(namespace, false);
  members = [];
});
afterEach(() => Promise.all(members.map(member => member.close())));

async function join(url = server.url): Promise<RedisMember> {
  const member = await RedisMember.of(url, { namespace, timeout: TIMEOUT });
  members.push(member);
  expect(await member.available()).toBeUndefined();
  await member.bus.join();
  return member;
}

/** Starts an application whose Redis listens on this port. */
async function remoteState(port: number) {
  const state = await RemoteState.ready({
    env: { CLUSTER_REDIS_URL: `redis://127.0.0.1:${port}`, CLUSTER_STATE_TIMEOUT: '200' },
  });
  return { app: state.app, call: (method: string) => state.call({ method, args: ['k'] }) };
}

/** Subscribes to a topic. The returned arrays collect its events and gaps. */
async function listen(
  member: RedisMember,
  topic: string,
  terms: object = {},
): Promise<{ readonly events: unknown[]; readonly gaps: unknown[] }> {
  const events: unknown[] = [];
  const gaps: unknown[] = [];
  const settings = {
    name: 'test',
    handle: (payload: unknown): void => void events.push(payload),
    onGap: (gap: unknown): void => void gaps.push(gap),
  };
  await member.bus.subscribe(topic, settings, { concurrency: 1, ...terms });
  return { events, gaps };
}

const until = (condition: () => boolean | Promise<boolean>, why: () => string): Promise<void> =>
  eventually(condition, DEADLINE, why);

const membersKey = (): string => keys.of('bus', 'members');
const fields = async (): Promise<string[]> =>
  (await server.command('HKEYS', membersKey())) as string[];

describe('a stray message', () => {
  it('is ignored and logged once, on any channel', async () => {
    const member = await join();
    await member.bus.answer('cache.size', { name: 'test', answer: () => 7 });
    const { events } = await listen(member, 'news');
    const channels = new BusChannels(keys, false);
    const places: Channel[] = [
      'topic:news',
      'ask:cache.size',
      'all:heads',
      `to:${member.state.id}`,
    ];
    const texts = ['{}', '5', 'null', 'x', '{"topic":"cache.size"}', '{"told":{}}', '{"v":1}'];
    const names = [keys.channel('bus', 'members'), ...places.map(place => channels.nameOf(place))];
    expect(names[0]).toBe(`${namespace}:{16}~bus:members`);
    expect(names[2]).toBe(`${namespace}:{32}~ask:cache.size`);
    for (const name of names) {
      for (const text of texts) {
        expect(await server.command('PUBLISH', name, text)).toBe(1);
      }
    }
    await server.command('PUBLISH', keys.grantChannel(member.state.id), 'x');
    await member.bus.publish('news', '"after"', {});
    await until(
      () => events.length > 0,
      () => 'It hears nothing any more.',
    );
    expect(events).toEqual(['after']);
    expect((await member.bus.ask('cache.size', '1', TIMEOUT)).replies).toHaveLength(1);
    const ignored = member.logged.filter(line => line.startsWith('Ignored a message'));
    expect(ignored).toHaveLength(names.length);
  });
});

describe('a foreign entry among the members', () => {
  it('does not break a question, and goes', async () => {
    const member = await join();
    await member.bus.answer('size', { name: 'test', answer: () => 7 });
    await server.command('HSET', membersKey(), 'garbage', '{"no":"info"}', 'more', 'x');
    expect(await member.bus.ask('size', '1', TIMEOUT)).toMatchObject({
      replies: [{ value: 7 }],
      missing: [],
    });
    expect(await fields()).toEqual([member.state.id]);
  });

  it('is corrected by the member with that name', async () => {
    const [member, other] = [await join(), await join()];
    await member.bus.answer('size', { name: 'test', answer: () => 7 });
    await server.command('HSET', membersKey(), member.state.id, 'x');
    expect((await other.bus.ask('size', '1', TIMEOUT)).replies).toHaveLength(1);
    const stored = (): Promise<unknown> => server.command('HGET', membersKey(), member.state.id);
    await until(
      async () => (await stored()) !== 'x',
      () => other.logged.join('\n'),
    );
    const late = await join();
    expect((await late.bus.ask('size', '1', TIMEOUT)).replies).toHaveLength(1);
  });

  it('expires after a lease, whoever wrote it', async () => {
    const member = await join();
    const leases = keys.of('bus-leases', 'members');
    await server.command('ZADD', leases, '9e15', 'ghost');
    await server.command('HSET', membersKey(), 'ghost', 'x');
    await member.bus.ask('size', '1', TIMEOUT);
    const [, end] = (await server.command('ZRANGE', leases, '-1', '-1', 'WITHSCORES')) as string[];
    expect(Number(end)).toBeLessThan(Date.now() + 60_000);
  });
});

describe('a foreign entry in a topic history', () => {
  it.each([
    ['a reader', {}],
    ['a group', { group: 'g' }],
  ])('is passed over by %s', async (_, group) => {
    const member = await join();
    const publish = (n: number): Promise<void> =>
      member.bus.publish('log', String(n), { durable: true });
    const { events, gaps } = await listen(member, 'log', { durable: true, ...group });
    await publish(1);
    const history = keys.of('history', 'log');
    const add = async (...words: string[]): Promise<void> => {
      const [[last]] = (await server.command('XREVRANGE', history, '+', '-', 'COUNT', 1)) as [
        [string],
      ];
      const [epoch, n] = last.split('-');
      await server.command('XADD', history, `${epoch}-${Number(n) + 1}`, ...words);
    };
    await add('foreign', 'entry');
    await add('at', '1', 'event', 'no JSON');
    await add('at', '1', 'event', '{"v":2,"from":{"host":"new:9"}}');
    await publish(2);
    await publish(3);
    await until(
      () => events.length >= 3,
      () => JSON.stringify([events, gaps, member.logged]),
    );
    expect(events).toEqual([1, 2, 3]);
    const missed = (gaps as { missed: number }[]).reduce((sum, gap) => sum + gap.missed, 0);
    expect(missed).toBeGreaterThanOrEqual(2);
    expect(member.logged.filter(line => line.includes('version 2'))).toHaveLength(1);
    if ('group' in group) {
      await until(
        async () => ((await server.command('XPENDING', history, 'g')) as [number])[0] === 0,
        () => 'Something is pending for ever.',
      );
    }
  });
});

describe('hosts of two versions', () => {
  it('say so: the state is refused where the schema is another one', async () => {
    await server.command('SET', `${namespace}:{0}~schema`, 2);
    const member = await RedisMember.of(server.url, { namespace, timeout: TIMEOUT });
    members.push(member);
    const why = await member.available();
    expect(why).toContain('version 2');
    expect(why).toContain('update nestjs-cluster on this host');
    expect(member.logged.join('\n')).toContain(`Redis cannot be used: ${why}`);
    const { state, bus } = member;
    const calls: readonly Promise<unknown>[] = [
      perform(state, 'a value', { name: 'get', key: 'k' }),
      perform(state, 'a value', { name: 'set', key: 'k', value: '1' }),
      state.resolve('increment.0.lane-1.1.0.0.0.1'),
      bus.publish('news', '1', {}),
      bus.publish('kept', '1', { durable: true }),
      bus.ask('size', '1', TIMEOUT),
    ];
    for (const call of calls) {
      await expect(call).rejects.toThrow(`Redis cannot be used: ${why}`);
    }
    // What happens when the subscriptions are made, and when a member leaves.
    await expect(bus.members()).rejects.toThrow(`Redis cannot be used: ${why}`);
    bus.forgetMember('another');
    await bus.close();
    // Nothing has been written.
    expect(await server.command('KEYS', `${namespace}*`)).toEqual([`${namespace}:{0}~schema`]);
  });

  it('leave the version of the schema where they begin', async () => {
    await join();
    expect(await server.command('GET', `${namespace}:{0}~schema`)).toBe('1');
  });
});

describe('two databases of one server', () => {
  it('have a bus each', async () => {
    const [one, other] = [await join(`${server.url}/1`), await join(`${server.url}/2`)];
    const inOne = await listen(one, 'news');
    const inOther = await listen(other, 'news');
    const pattern = await listen(other, 'n*');
    await other.bus.answer('size', { name: 'test', answer: () => 7 });
    await one.bus.publish('news', '"in one"', {});
    await other.bus.publish('news', '"in other"', {});
    await until(
      () => inOne.events.length > 0 && inOther.events.length > 0 && pattern.events.length > 0,
      () => 'Events are missing.',
    );
    expect([inOne, inOther, pattern].map(({ events }) => events)).toEqual([
      ['in one'],
      ['in other'],
      ['in other'],
    ]);
    expect([...inOne.gaps, ...inOther.gaps]).toEqual([]);
    expect((await one.bus.ask('size', '1', TIMEOUT)).replies).toEqual([]);
    await perform(one.state, 'a value', { name: 'set', key: 'k', value: '1' });
    expect(await perform(other.state, 'a value', { name: 'has', key: 'k' })).toBe(false);
  });

  it.each(['99', '-1'])('are refused where the server does not have them: /%s', async database => {
    const member = await RedisMember.of(`${server.url}/${database}`, {
      namespace,
      timeout: TIMEOUT,
    });
    members.push(member);
    await expect(member.link.assertDatabase()).rejects.toMatchObject({
      code: 'CLUSTER_CONFIG',
      option: 'redis',
      message: expect.stringContaining(`refuses database ${database}`) as unknown,
    });
    // Nothing was written to database 0 instead.
    expect(await server.command('EXISTS', membersKey(), `${namespace}:{0}~schema`)).toBe(0);
  });
});

describe('an application', () => {
  afterEach(() => Application.endAll());

  it.each(['0', '1'])(
    'does not boot in a database that the server does not have, says why, and is not retried (%s workers)',
    async workers => {
      const app = await Application.start('http/express', {
        env: { CLUSTER_WORKERS: workers, CLUSTER_REDIS_URL: `${server.url}/99` },
      });
      expect((await app.exited).code).toBe(1);
      expect(app.output).toContain('The Redis server refuses database 99');
      expect(app.output).toContain('DB index is out of range');
      expect(app.count('workerForked')).toBe(Number(workers));
    },
  );

  it('continues to serve while a server sends invalid replies, and each call fails with a ClusterError', async () => {
    let reply = '+OK\r\n';
    const garbage = await GarbageServer.start(() => reply);
    try {
      const { app, call } = await remoteState(garbage.port);
      for (reply of ['$-1\r\n', '+OK\r\n', ':1\r\n', '*0\r\n', '$1\r\nx\r\n']) {
        for (const method of ['get', 'has', 'delete']) {
          expect((await call(method)).error?.code).toMatch(/^CLUSTER_STATE_/);
        }
      }
      expect(garbage.commands.length).toBeGreaterThan(0);
      expect([app.count('workerReady'), app.count('workerExited')]).toEqual([2, 0]);
      expect(app.noted('unhandled')).toEqual([]);
    } finally {
      await Application.endAll();
      await garbage.stop();
    }
  });
});

describe('a server that evicts', () => {
  it('is reported once, when it is connected', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory', '100mb');
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const member = await join();
    const evicting: string[] = [];
    member.link.memory.onEviction(({ policy }) => evicting.push(policy));
    await until(
      () => evicting.length > 0,
      () => 'It says nothing.',
    );
    expect(evicting).toEqual(['allkeys-lru']);
    expect(member.state.executor.problems).toEqual([expect.stringContaining('allkeys-lru')]);
    await server.command('CONFIG', 'SET', 'maxmemory', 0);
  });
});

describe('a user that may not subscribe', () => {
  it('is told which patterns it lacks', async () => {
    await server.command('ACL', 'SETUSER', 'u', 'on', '>p', '~*', 'resetchannels', '+@all');
    const url = `redis://u:p@127.0.0.1:${server.port}`;
    const member = await RedisMember.of(url, { namespace, timeout: 1_000 });
    members.push(member);
    await member.available();
    await listen(member, 'n*');
    await until(
      () => member.logged.filter(line => line.includes('ACL SETUSER')).length >= 2,
      () => member.logged.join('\n'),
    );
    const patterns = member.logged.flatMap(line => / "&(.*)"$/.exec(line)?.[1] ?? []);
    expect(new Set(patterns)).toEqual(new Set([`${namespace}:*`, `${namespace}:{*}~topic:n*`]));
    // With these patterns granted, it receives events.
    await server.command('ACL', 'SETUSER', 'u', ...patterns.map(pattern => `&${pattern}`));
    const allowed = await RedisMember.of(url, { namespace, timeout: TIMEOUT });
    members.push(allowed);
    await allowed.available();
    const { events } = await listen(allowed, 'n*');
    await allowed.bus.publish('news', '1', {});
    await until(
      () => events.length > 0,
      () => allowed.logged.join('\n'),
    );
  });
});
