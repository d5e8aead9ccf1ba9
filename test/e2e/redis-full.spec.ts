import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { SessionData } from 'express-session';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BusUnavailableError } from '../../src/model/errors/bus-unavailable.error.js';
import { StateFullError } from '../../src/model/errors/state-full.error.js';
import { ClusterSessionStore } from '../../src/session/index.js';
import type { SharedState } from '../../src/state/shared-state.js';
import { monotonicNow } from '../../src/system/time/monotonic-now.js';
import { perform } from '../../src/state/objects/perform.js';
import type { Operation } from '../../src/state/operation.js';
import { RedisMember } from '../support/redis-member.js';
import { RedisServer } from '../support/redis/redis-server.js';

/** A timeout in ms that no call reaches. */
const TIMEOUT = 20_000;

let server: RedisServer;
let member: RedisMember;

beforeAll(async () => {
  server = await RedisServer.start({ args: ['--maxmemory-policy', 'noeviction'] });
});
afterAll(() => RedisServer.stopAll());

beforeEach(async () => {
  await server.command('CONFIG', 'SET', 'maxmemory', 0);
  member = await RedisMember.of(server.url, { namespace: randomUUID(), timeout: TIMEOUT });
  expect(await member.available()).toBeUndefined();
  await member.bus.join();
  await run({ name: 'set', key: 'old', value: '"kept"' });
});
afterEach(() => member.close());

const run = (operation: Operation): Promise<unknown> => perform(member.state, 'a value', operation);

/** Puts the server in the state of one whose data have outgrown its memory limit. */
const fill = (): Promise<unknown> => server.command('CONFIG', 'SET', 'maxmemory', 1);

describe('a full server', () => {
  it('refuses writes that need memory at once, with the reason, and applies nothing', async () => {
    await fill();
    const askedAt = monotonicNow();
    for (const operation of [
      { name: 'set', key: 'old', value: '"changed"' },
      { name: 'setIfAbsent', key: 'new', value: '1' },
      { name: 'increment', key: 'count', runs: [[1, 1]], min: 0, max: 9 },
      {
        name: 'increment',
        key: 'plain',
        runs: [[1, 1]],
        min: Number.MIN_SAFE_INTEGER,
        max: Number.MAX_SAFE_INTEGER,
      },
      { name: 'mapSet', key: 'map', field: 'a', value: '1' },
      { name: 'scoreSet', key: 'board', member: 'a', score: 1 },
      { name: 'hit', key: 'limit', count: 1, limit: 1, window: 1_000 },
      { name: 'lockAcquire', key: 'lock', owner: 'a.1', lease: 1_000, wait: 0 },
    ] satisfies Operation[]) {
      const error = await run(operation).catch((reason: unknown) => reason);
      expect([operation.name, error]).toEqual([operation.name, expect.any(StateFullError)]);
      expect(error).toMatchObject({ code: 'CLUSTER_STATE_FULL' });
      expect(String(error)).toContain('was not applied: the Redis server is full: OOM');
    }
    expect(monotonicNow() - askedAt).toBeLessThan(TIMEOUT / 4);
    expect(await run({ name: 'get', key: 'old' })).toBe('"kept"');
  });

  it('returns the result of each operation of a batch: reads and deletions work', async () => {
    await fill();
    const results = await Promise.allSettled([
      // Only the first operation is in flight when the others become a batch.
      run({ name: 'get', key: 'old' }),
      run({ name: 'increment', key: 'count', runs: [[1, 1]], min: 0, max: 9 }),
      run({ name: 'get', key: 'old' }),
      run({ name: 'delete', key: 'old' }),
      run({ name: 'has', key: 'old' }),
    ]);
    expect(results).toMatchObject([
      { value: '"kept"' },
      { reason: { code: 'CLUSTER_STATE_FULL' } },
      { value: '"kept"' },
      { value: true },
      { value: false },
    ]);
  });

  it('refuses the only write of a batch, and answers the reads', async () => {
    await fill();
    const results = await Promise.allSettled([
      run({ name: 'get', key: 'old' }),
      run({ name: 'set', key: 'old', value: '"longer"' }),
      run({ name: 'get', key: 'old' }),
      run({ name: 'increment', key: 'none', runs: [[-1, 1]], min: 0, max: 9 }),
    ]);
    expect(results).toMatchObject([
      { value: '"kept"' },
      { reason: { code: 'CLUSTER_STATE_FULL' } },
      { value: '"kept"' },
      // The bounds of the counter refused the increment.
      { value: null },
    ]);
  });

  it('carries out all deletions and releases', async () => {
    const key = 'busy';
    const cached = { key, ttl: 60_000, stale: 0, maxEntries: 9, value: '1' };
    const lock = { key: 'lock', lease: 60_000 };
    const permit = { key: 'permits', lease: 60_000, permits: 1 };
    const consumer = { key: 'log', group: 'g', member: 'm' };
    for (const operation of [
      { name: 'set', key: 'gone', value: '1' },
      { name: 'mapSet', key: 'map', field: 'a', value: '1', ttl: 60_000 },
      { name: 'mapSet', key: 'map', field: 'b', value: '1' },
      { name: 'scoreSet', key: 'board', member: 'a', score: 1 },
      { name: 'hit', key: 'limit', count: 1, limit: 1, window: 60_000 },
      { name: 'cacheSet', ...cached, field: 'a' },
      { name: 'cacheSet', ...cached, field: 'b' },
      { name: 'lockAcquire', ...lock, owner: 'a.1', wait: 0 },
      { name: 'lockAcquire', ...lock, owner: 'b.1', wait: 60_000 },
      { name: 'permitAcquire', ...permit, owner: 'a.1', wait: 0 },
      { name: 'permitAcquire', ...permit, owner: 'b.1', wait: 60_000 },
      { name: 'groupJoin', key: 'log', group: 'g' },
      { name: 'append', key: 'log', event: '{}', keep: 9 },
      { name: 'groupTake', ...consumer, count: 1, again: false },
    ] satisfies Operation[]) {
      await run(operation);
    }
    await fill();
    for (const operation of [
      { name: 'delete', key: 'gone' },
      { name: 'replace', key: 'old', expected: '"kept"', value: null },
      { name: 'mapDelete', key: 'map', field: 'a' },
      { name: 'scoreRemove', key: 'board', member: 'a' },
      { name: 'hitReset', key: 'limit' },
      { name: 'cacheDelete', key, field: 'a' },
      { name: 'cacheClear', key, prefix: 'b' },
      { name: 'lockRelease', key: 'lock', owner: 'a.1' },
      { name: 'lockRelease', key: 'lock', owner: 'b.1' },
      { name: 'permitRelease', key: 'permits', owner: 'a.1' },
      { name: 'permitRelease', key: 'permits', owner: 'b.1' },
      { name: 'groupLeave', key: 'log', group: 'g', member: 'other' },
      { name: 'groupDelete', key: 'log', group: 'g' },
      { name: 'historyDelete', key: 'log' },
    ] satisfies Operation[]) {
      expect([operation.name, await run(operation)]).toEqual([operation.name, true]);
    }
  });

  it('stores a value that is not longer than the one it replaces', async () => {
    await fill();
    expect(await run({ name: 'set', key: 'old', value: '"next"', ttl: 60_000 })).toBe(true);
    expect(await run({ name: 'get', key: 'old' })).toBe('"next"');
    expect(await run({ name: 'ttl', key: 'old' })).toBeGreaterThan(0);
  });

  it('ends a session at a logout, so that no request stores it again', async () => {
    const state = { stateClient: member.state } as Partial<SharedState> as SharedState;
    const store = new ClusterSessionStore(state);
    const get = promisify<string, unknown>(store.get.bind(store));
    const set = promisify(store.set.bind(store));
    const destroy = promisify(store.destroy.bind(store));
    const session = { cookie: { originalMaxAge: null }, user: 'alice' } as unknown as SessionData;
    await set('sid', session);
    await fill();
    await expect(set('new', session)).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('memory of the shared state is full'),
    });
    await destroy('sid');
    expect(await get('sid')).toBeNull();
    await server.command('CONFIG', 'SET', 'maxmemory', 0);
    await set('sid', session);
    expect(await get('sid')).toBeNull();
  });

  it('delivers plain events and requests, and definitely refuses events of durable and retained topics', async () => {
    let hear!: (payload: unknown) => void;
    const heard = new Promise(resolve => (hear = resolve));
    await member.bus.subscribe('plain', { name: 'test', handle: hear }, { concurrency: 1 });
    await member.bus.answer('size', { name: 'test', answer: () => 7 });
    await fill();
    await member.bus.publish('plain', '1', {});
    const { replies, missing } = await member.bus.ask('size', '1', TIMEOUT);
    expect([replies.map(({ value }) => value), missing]).toEqual([[7], []]);
    expect(await heard).toBe(1);
    const kept = member.bus.publish('kept', '1', { durable: true });
    await expect(kept).rejects.toMatchObject({ code: 'CLUSTER_STATE_FULL', key: 'kept' });
  });

  it('takes events of topics that are as long as they may be, from whichever worker', async () => {
    const namespace = randomUUID();
    const open = (): Promise<RedisMember> =>
      RedisMember.of(server.url, { namespace, timeout: TIMEOUT });
    const kinds = { log: { durable: { maxLength: 3 } }, flag: { retain: true } } as const;
    const one = await open();
    for (const payload of ['1', '2', '3']) {
      await one.bus.publish('log', payload, kinds.log);
      await one.bus.publish('flag', payload, kinds.flag);
    }
    await fill();
    const other = await open();
    await other.bus.publish('log', '4', kinds.log);
    await other.bus.publish('flag', '4', kinds.flag);
    const lengths = ['log', 'flag'].map(async key => {
      const operation = { name: 'history', key, after: '0-0', count: 9 } as const;
      const { entries } = await perform(other.state, 'a topic', operation);
      return entries.map(([, event]) => (JSON.parse(event) as { payload: number }).payload);
    });
    expect(await Promise.all(lengths)).toEqual([[2, 3, 4], [4]]);
    const longer = other.bus.publish('log', '5', { durable: { maxLength: 4 } });
    await expect(longer).rejects.toMatchObject({ code: 'CLUSTER_STATE_FULL', key: 'log' });
    await Promise.all([one.close(), other.close()]);
  });

  it('takes events of topics that have as many bytes, or events as old, as they may have', async () => {
    const big = JSON.stringify('x'.repeat(20_000));
    const kinds = {
      bytes: { durable: { maxBytes: 50_000 } },
      age: { durable: { maxAge: 1 } },
    } as const;
    for (let n = 0; n < 4; n++) {
      await member.bus.publish('bytes', big, kinds.bytes);
      await member.bus.publish('age', big, kinds.age);
    }
    await fill();
    for (const key of ['bytes', 'age'] as const) {
      await member.bus.publish(key, big, kinds[key]);
      const operation = { name: 'history', key, after: '0-0', count: 9 } as const;
      const { entries } = await perform(member.state, 'a topic', operation);
      expect(entries.at(-1)![0]).toMatch(/-5$/);
      expect(entries.length).toBeLessThan(4);
    }
    const roomy = member.bus.publish('bytes', big, { durable: { maxBytes: 500_000 } });
    await expect(roomy).rejects.toMatchObject({ code: 'CLUSTER_STATE_FULL' });
  });

  it('removes no event of a full topic when the next event cannot be published', async () => {
    const durable = { maxLength: 3 };
    for (const payload of ['1', '2', '3']) {
      await member.bus.publish('log', payload, { durable });
    }
    await server.command('ACL', 'SETUSER', 'mute', 'on', '>p', '~*', '&*', '+@all', '-publish');
    const { namespace } = member.options;
    const mute = await RedisMember.of(
      { host: '127.0.0.1', port: server.port, username: 'mute', password: 'p' },
      { namespace, timeout: 1_000 },
    );
    await fill();
    const refused = mute.bus.publish('log', '4', { durable });
    await expect(refused).rejects.toMatchObject({ code: 'CLUSTER_BUS_UNAVAILABLE' });
    const operation = { name: 'history', key: 'log', after: '0-0', count: 9 } as const;
    const { entries } = await perform(member.state, 'a topic', operation);
    expect(entries.map(([offset]) => offset.split('-')[1])).toEqual(['1', '2', '3']);
    await mute.close();
  });

  it('accepts new members, and keeps them', async () => {
    await fill();
    const other = await RedisMember.of(server.url, { namespace: randomUUID(), timeout: TIMEOUT });
    expect(await other.available()).toBeUndefined();
    await other.bus.answer('size', { name: 'test', answer: () => 7 });
    expect((await other.bus.ask('size', '1', TIMEOUT)).replies).toHaveLength(1);
    await other.close();
  });

  it('takes writes again when there is room', async () => {
    await fill();
    await expect(run({ name: 'set', key: 'a', value: '1' })).rejects.toThrow(StateFullError);
    await server.command('CONFIG', 'SET', 'maxmemory', 0);
    expect(await run({ name: 'set', key: 'a', value: '1' })).toBe(true);
  });
});

describe('a server that refuses to publish', () => {
  it('has not published it', async () => {
    await server.command('ACL', 'SETUSER', 'mute', 'on', '>p', '~*', '&*', '+@all', '-publish');
    const { port } = server;
    const options = { host: '127.0.0.1', port, username: 'mute', password: 'p' };
    const mute = await RedisMember.of(options, { namespace: randomUUID(), timeout: 1_000 });
    expect(await mute.available()).toBeUndefined();
    const error = await mute.bus.publish('plain', '1', {}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BusUnavailableError);
    expect(error).toMatchObject({ mayHaveArrived: false });
    await mute.close();
  });
});
