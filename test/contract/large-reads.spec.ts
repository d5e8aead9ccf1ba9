import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { perform } from '../../src/state/objects/perform.js';
import type { StateClient } from '../../src/state/client/state-client.js';
import type { Operation } from '../../src/state/operation.js';
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
});
