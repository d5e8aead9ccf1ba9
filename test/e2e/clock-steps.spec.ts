import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { MemberInfo } from '../../src/bus/membership/bus-member.interface.js';
import { MemberRegistry } from '../../src/bus/transports/redis/member-registry.js';
import { connectRedis } from '../../src/redis/connection/connect-redis.js';
import { RedisLink } from '../../src/redis/redis-link.js';
import type { CallResult, Operation, OperationName } from '../../src/state/operation.js';
import { RedisExecutor } from '../../src/state/backends/redis/redis-executor.js';
import { RedisKeys } from '../../src/state/backends/redis/redis-keys.js';
import { StateClient } from '../../src/state/client/state-client.js';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { SettableClock } from '../support/faketime/settable-clock.js';
import { ascending } from '../support/numbers.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { RemoteState } from '../support/remote-state.js';

const HOUR = 3_600_000;
const PRELOAD = fileURLToPath(new URL('../support/shift-clock.mjs', import.meta.url));
const bounds = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Application.endAll();
  for (const cleanUp of cleanups.splice(0).toReversed()) {
    await cleanUp();
  }
  await RedisServer.stopAll();
});

/** Calls `ask` repeatedly. The returned function stops this, and resolves with all results. */
function load<Value>(clients: number, ask: () => Promise<Value>): () => Promise<Value[]> {
  const values: Value[] = [];
  const stop = new AbortController();
  const all = Array.from({ length: clients }, async () => {
    while (!stop.signal.aborted) {
      values.push(await ask());
    }
  });
  return async () => {
    stop.abort();
    await Promise.all(all);
    return values;
  };
}

describe('a host whose clock is set by an hour, forth and back', () => {
  it('loses nothing, shares no lock, keeps its limits, and drains within its budget', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-clock-'));
    cleanups.push(() => rm(directory, { recursive: true }));
    const file = join(directory, 'offset');
    await writeFile(file, '0');
    const state = await RemoteState.ready({
      nodeArgs: ['--import', PRELOAD],
      env: { CLOCK_OFFSET_FILE: file, CLUSTER_SHUTDOWN_TIMEOUT: '20000' },
    });
    const stopLoad = load(4, () => state.increment('sold'));
    await state.post('/hold/tickets', {});
    for (const offset of [HOUR, -HOUR]) {
      const key = `value-${offset}`;
      const hit = () =>
        state.call<{ allowed: boolean; resetAfter: number }>({
          method: 'rateLimit',
          args: [key, { limit: 1, window: 60_000 }],
        });
      await state.call({ method: 'set', args: [key, 1, { ttl: 1_500 }] });
      expect((await hit()).value?.allowed).toBe(true);
      await writeFile(file, String(offset));
      await eventually(
        async () =>
          Math.abs(
            ((await state.call<number>({ method: 'get', args: ['none'] })).now ?? 0) -
              Date.now() -
              offset,
          ) < 60_000,
        10_000,
        () => 'The clock was not set',
      );
      const { value } = await hit();
      expect(value).toMatchObject({ allowed: false });
      expect(value?.resetAfter).toBeGreaterThan(0);
      expect(value?.resetAfter).toBeLessThanOrEqual(60_000);
      const { error } = await state.post<{ error?: { code: string } }>('/try/tickets');
      expect(error?.code).toBe('CLUSTER_LOCK_TIMEOUT');
      await eventually(
        async () => (await state.get(key)) === undefined,
        5_000,
        () => 'What had expired is still there',
      );
    }
    const answers = await stopLoad();
    expect(answers.flatMap(({ error }) => (error ? [error] : []))).toEqual([]);
    const numbers = ascending(answers.map(({ value }) => value!));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(state.app.noted('lost')).toEqual([]);

    // The clock is set once more while a request is in flight.
    const inFlight = state.post('/slow', { takes: 2_000 });
    await eventually(
      () => state.app.noted('slow').length === 1,
      5_000,
      () => 'It did not arrive',
    );
    const begunAt = performance.now();
    state.app.signal('SIGTERM');
    await eventually(
      () => state.app.count('workerDraining') === 2,
      5_000,
      () => 'It did not drain',
    );
    await writeFile(file, String(HOUR));
    expect(await inFlight).toHaveProperty('pid');
    expect((await state.app.exited).code).toBe(0);
    expect(performance.now() - begunAt).toBeLessThan(20_000);
    expect(state.app.of('workerExited').every(({ uptime }) => uptime < HOUR / 2)).toBe(true);
  });
});

/** A Redis server, a client, and a function that sets the server's clock to this many hours from now. */
async function redisWithClock() {
  const clock = await SettableClock.create();
  cleanups.push(() => clock.remove());
  const server = await RedisServer.start({ env: clock.env });
  const namespace = randomUUID();
  const connection = await connectRedis(server.url, () => {});
  const link = new RedisLink(connection, namespace, { log: () => {}, warn: () => {} });
  const client = new StateClient(new RedisExecutor(link, namespace), 10_000, 0);
  cleanups.push(async () => {
    await client.close();
    await link.close();
  });
  const serverTime = async (): Promise<number> =>
    Number(((await server.command('TIME')) as unknown[])[0]) * 1_000;
  return {
    server,
    link,
    namespace,
    run: <Name extends OperationName>(operation: Operation<Name>) =>
      client.run<Name, CallResult<Name>>(operation, result => result as CallResult<Name>),
    setClock: async (hours: number): Promise<void> => {
      await clock.shift(hours * 3_600);
      await eventually(
        async () => Math.abs((await serverTime()) - Date.now() - hours * HOUR) < 60_000,
        10_000,
        () => 'The clock of the server was not set',
      );
    },
  };
}

describe('a Redis server whose clock is set by an hour, forth and back', () => {
  it('loses no call, shares no lock, and keeps its limits', async () => {
    const { server, setClock, run } = await redisWithClock();
    const stopLoad = load(4, () =>
      run({ name: 'increment', key: 'sold', runs: [[1, 1]], ...bounds }),
    );
    const hit = () => run({ name: 'hit', key: 'limit', count: 1, limit: 2, window: 60_000 });

    await run({ name: 'lockAcquire', key: 'l', owner: 'a.1', lease: 2 * HOUR, wait: 0 });
    expect(await hit()).toMatchObject({ allowed: 1 });
    await run({ name: 'increment', key: 'short', runs: [[1, 1]], ...bounds, ttl: 60_000 });
    for (const hours of [1, 0, -1, 0]) {
      await setClock(hours);
      const { resetAfter } = await hit();
      expect(resetAfter).toBeGreaterThan(0);
      expect(resetAfter).toBeLessThanOrEqual(60_000);
      const held = await run({ name: 'lockAcquire', key: 'l', owner: 'b.1', lease: HOUR, wait: 0 });
      expect(held).toHaveProperty('heldFor');
      await run({ name: 'increment', key: 'short', runs: [[1, 1]], ...bounds, ttl: 60_000 });
      const keys = (await server.command('KEYS', '*}:short')) as string[];
      expect(await server.command('PTTL', keys[0]!)).toBeLessThanOrEqual(60_000);
    }
    // After the clock is set back, hits with a time in the future no longer count.
    await setClock(-1);
    expect(await hit()).toMatchObject({ allowed: 1 });
    const numbers = ascending((await stopLoad()).map(Number));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('restarts TTLs and leases when it is set back, and never extends them', async () => {
    const { server, setClock, run } = await redisWithClock();
    const ttl = 60_000;
    const lease = 10_000;
    const life = async (name: string): Promise<number> => {
      const [key] = (await server.command('KEYS', `*${name}`)) as string[];
      return Number(await server.command('PTTL', key!));
    };
    const touches: Readonly<Record<string, Operation>> = {
      get: { name: 'get', key: 'get' },
      has: { name: 'has', key: 'has' },
      replace: { name: 'replace', key: 'replace', expected: '1', value: '2' },
      setIfAbsent: { name: 'setIfAbsent', key: 'setIfAbsent', value: '2' },
      add: { name: 'increment', key: 'add', runs: [[1, 1]], ...bounds },
      addTwice: { name: 'increment', key: 'addTwice', runs: [[1, 2]], ...bounds },
      increment: { name: 'increment', key: 'increment', runs: [[1, 1]], ...bounds, max: 9 },
    };
    for (const key of Object.keys(touches)) {
      await run({ name: 'set', key, value: '1', ttl });
    }
    await run({ name: 'increment', key: 'counted', runs: [[1, 1]], ...bounds, ttl });
    await run({ name: 'set', key: 'for ever', value: '1', ttl });
    await run({ name: 'set', key: 'for ever', value: '1' });
    await run({ name: 'lockAcquire', key: 'long', owner: 'gone.1', lease: 1_000, wait: 0 });
    await run({ name: 'lockRenew', key: 'long', owner: 'gone.1', lease });

    await setClock(-1);
    for (const [key, operation] of Object.entries(touches)) {
      expect(await life(`}:${key}`)).toBeGreaterThan(HOUR / 2);
      await run(operation);
      expect(await life(`}:${key}`)).toBeLessThanOrEqual(ttl);
    }
    await run({ name: 'get', key: 'counted' });
    expect(await life('}:counted')).toBeLessThanOrEqual(ttl);
    expect(await life('}:for ever')).toBe(-1);
    // Another caller requests the lock, with its own lease.
    const request = {
      name: 'lockAcquire',
      key: 'long',
      owner: 'b.1',
      lease: 500,
      wait: 0,
    } as const;
    const answer = (await run(request)) as { heldFor: number };
    expect(answer.heldFor).toBeGreaterThan(lease / 2);
    expect(answer.heldFor).toBeLessThanOrEqual(lease);
    expect(await life('~lock:long')).toBeLessThanOrEqual(lease);
    await setClock(1);
    expect(await run(request)).toHaveProperty('token');
    expect(await run({ name: 'get', key: 'get' })).toBeNull();
  });

  it('keeps the members of the bus, which renew their leases', async () => {
    const { setClock, link, namespace } = await redisWithClock();
    await link.availability.settled(5_000);
    const members = ['a', 'b'].map(name => {
      const registry = new MemberRegistry(link, new RedisKeys(namespace, false), (_, error) => {
        throw error;
      });
      cleanups.push(() => registry.remove(name));
      return { registry, info: memberInfo(name) };
    });
    await Promise.all(members.map(({ registry, info }) => registry.announce(info)));
    for (const hours of [1, 0, -1, 0]) {
      await setClock(hours);
      for (const { registry } of members) {
        const { infos } = await registry.list();
        expect({ hours, names: infos.map(({ member }) => member).toSorted() }).toEqual({
          hours,
          names: ['a', 'b'],
        });
      }
    }
  });
});

function memberInfo(member: string): MemberInfo {
  const worker = { host: 'host', slot: 1, generation: 0, id: 1, pid: 1 };
  return { member, ...worker, answers: [], groups: [], consumers: [], patterns: [] };
}
