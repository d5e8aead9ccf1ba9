import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BusWarnings } from '../../src/bus/bus-warnings.js';
import { BUS_VERSION } from '../../src/bus/payload/read-message.js';
import { DurableTopics } from '../../src/bus/publish/durable-topics.js';
import { Locks } from '../../src/state/objects/locks.js';
import { Once } from '../../src/state/objects/once.js';
import { perform } from '../../src/state/objects/perform.js';
import type { StateClient } from '../../src/state/client/state-client.js';
import type { Operation } from '../../src/state/operation.js';
import { BEGINNING } from '../../src/state/offset.js';
import { DEFERRED } from '../../src/state/state-executor.interface.js';
import { type HistoryBackend, redisBackend } from '../support/history-backends.js';
import { RedisServer } from '../support/redis/redis-server.js';

const MEGABYTE = JSON.stringify('x'.repeat(1_000_000));

/** Redis closes a connection with subscriptions when 32 MiB wait for it. */
const MANY = 40;

const numbers = Array.from({ length: MANY }, (_, index) => index);

let server: RedisServer;
let backend: HistoryBackend;
let client: StateClient;

beforeAll(async () => {
  server = await RedisServer.start();
  backend = redisBackend(server.url, 'large-reads');
  client = await backend.client();
  await client.executor.listen();
  for (const n of numbers) {
    await run({ name: 'set', key: `k${n}`, value: MEGABYTE });
  }
});

afterAll(async () => {
  await backend.stop();
  await server.stop();
});

const run = (operation: Operation): Promise<unknown> => perform(client, 'a value', operation);

const read = (key: string): Operation => ({ name: 'get', key });

const increment = (key: string): Operation => ({
  name: 'increment',
  key,
  runs: [[1, 1]],
  min: Number.MIN_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
});

describe('reads in Redis', () => {
  it('may be larger together than Redis lets wait for a connection, with writes between them', async () => {
    const reads = numbers.map(n => run(read(`k${n}`)));
    const writes = numbers.map(() => run(increment('sold')));
    const [values, counts] = await Promise.all([Promise.all(reads), Promise.all(writes)]);
    expect(values.every(value => value === MEGABYTE)).toBe(true);
    expect(counts).toEqual(numbers.map(n => n + 1));
  });

  it('are deferred when the reads before them are large, also when the batch is repeated', async () => {
    const batch = {
      partition: 0,
      lane: 'lane',
      sequence: 1,
      deadline: Infinity,
      replicas: 0,
      operations: [...numbers.slice(0, 6).map(n => read(`k${n}`)), increment('once'), read('k6')],
    };
    const applied = {
      type: 'applied',
      results: [...Array(4).fill(MEGABYTE), DEFERRED, DEFERRED, { total: 1 }, DEFERRED],
    };
    expect(await client.executor.execute(batch)).toEqual(applied);
    expect(await client.executor.execute(batch)).toEqual(applied);
    expect(await run(read('once'))).toBe('1');
  });

  it('fail if a single result is too large, and hurt no other call', async () => {
    for (const n of numbers) {
      await run({ name: 'mapSet', key: 'm', field: `${n}`, value: MEGABYTE });
    }
    const entries = run({ name: 'mapEntries', key: 'm' });
    const others = Promise.all(numbers.map(() => run(increment('beside'))));
    await expect(entries).rejects.toMatchObject({
      code: 'CLUSTER_STATE_UNAVAILABLE',
      message: expect.stringMatching(
        /"the map takes 39 MiB, more than one read from Redis may return: 14 MiB\. Read its fields/,
      ),
    });
    expect(await others).toEqual(numbers.map(n => n + 1));
    expect(await run({ name: 'mapGet', key: 'm', field: '7' })).toBe(MEGABYTE);
  });

  it('fail if a single value is too large', async () => {
    await run({ name: 'set', key: 'huge', value: JSON.stringify('x'.repeat(40_000_000)) });
    await expect(run(read('huge'))).rejects.toThrow('the value takes 39 MiB');
  });

  it('show that a task is done whose result is too large', async () => {
    const value = JSON.stringify({ at: 1, value: 'x'.repeat(15_000_000) });
    await run({ name: 'set', key: 'catalog', value });
    const once = new Once(client, new Locks(client, () => Promise.resolve()), 1_000);
    const task = vi.fn<() => Promise<string>>();
    const request = { name: 'catalog', key: 'catalog', ttl: undefined, timeout: 1_000 };
    expect(await once.run(request, task)).toBeUndefined();
    expect(task).not.toHaveBeenCalled();
  });
});

describe('an event in Redis that is too large to be read', () => {
  const skipped: string[] = [];
  const publisher = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };
  const event = (payload: string): string =>
    JSON.stringify({ v: BUS_VERSION, from: publisher, topic: 'log', payload });
  let topics: DurableTopics;
  let offsets: readonly string[];

  beforeAll(async () => {
    topics = new DurableTopics(client, 15_000, new BusWarnings(line => skipped.push(line)));
    await topics.join('log', 'group');
    const append = (payload: string): Promise<string> =>
      topics.append('log', event(payload), { length: 100 });
    offsets = [await append('first'), await append('x'.repeat(15_000_000))];
  });

  it('hides neither the end of its topic nor the events beside it', async () => {
    const newest = await topics.newest('log');
    expect(newest?.[0]).toBe(offsets[1]);
    expect(topics.read('log', newest!)).toBeUndefined();
    const { entries, last } = await topics.after('log', BEGINNING);
    expect(entries.map(([offset]) => offset)).toEqual(offsets);
    expect(last).toBe(offsets[1]);
    expect(topics.read('log', entries[0]!)).toMatchObject({ payload: 'first' });
  });

  it('is taken by a group like an event that cannot be read', async () => {
    const { entries } = await topics.take('log', 'group', 'member', 10, false);
    expect(entries.map(entry => topics.read('log', entry)?.payload)).toEqual(['first', undefined]);
    const pending = await topics.take('log', 'group', 'member', 10, true);
    expect(pending.entries).toEqual(entries);
  });

  it('is logged', () => {
    expect(skipped[0]).toBe(
      'Skipped an event of "log": it takes 15 MiB, more than one read from Redis may return. It was published with a greater bus.maxPayloadBytes than Redis allows.',
    );
  });
});
