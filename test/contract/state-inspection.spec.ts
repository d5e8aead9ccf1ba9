import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import type { RedisNode } from '../../src/redis/connection/redis-client.interface.js';
import { stateScript } from '../../src/state/backends/redis/state-script.js';
import type { StateClient } from '../../src/state/client/state-client.js';
import type {
  InspectedEntry,
  StateEntryKind,
  StateInspection,
} from '../../src/state/inspection/state-inspection.interface.js';
import { perform } from '../../src/state/objects/perform.js';
import type { CallResult, Operation, OperationName } from '../../src/state/operation.js';
import { HISTORY_BACKENDS, type HistoryBackend } from '../support/history-backends.js';

const MINUTE = 60_000;

/** Whether most of its time is left. */
const left = ({ ttl = 0 }: InspectedEntry): boolean => ttl > MINUTE / 2 && ttl <= MINUTE;

describe.each(Object.keys(HISTORY_BACKENDS))('the inspection of the state in %s', name => {
  let backend: HistoryBackend;
  let client: StateClient;

  const run = <Name extends OperationName>(operation: Operation<Name>): Promise<CallResult<Name>> =>
    perform(client, 'the test', operation);
  const inspect = (): Promise<StateInspection> => client.executor.inspector!.inspect();
  const peek = (kind: StateEntryKind, key: string) => client.executor.inspector!.peek(kind, key);
  const owner = (number: number): string => `${client.id}.${number}`;
  const entry = async (key: string): Promise<InspectedEntry | undefined> =>
    (await inspect()).entries.find(each => each.key === key);
  const increment = (key: string) =>
    run({
      name: 'increment',
      key,
      runs: [[5, 1]],
      min: Number.MIN_SAFE_INTEGER,
      max: Number.MAX_SAFE_INTEGER,
    });

  beforeAll(async () => {
    ({ backend } = await HISTORY_BACKENDS[name]!());
    client = await backend.client();
    await increment('a-counter');
    await run({ name: 'set', key: 'a-value', value: '{"name":"<b>"}', ttl: MINUTE });
    await run({ name: 'mapSet', key: 'a-map', field: 'color', value: '"red"' });
    await run({ name: 'mapSet', key: 'a-map', field: 'old', value: '1', ttl: 1 });
    await run({ name: 'mapSet', key: 'a-set', field: '"one"', value: '1' });
    await run({ name: 'mapSet', key: 'a-set', field: '2', value: '1' });
    await run({ name: 'scoreSet', key: 'a-board', member: 'ann', score: 1 });
    await run({ name: 'scoreSet', key: 'a-board', member: 'bob', score: 2.5 });
    const terms = { lease: MINUTE, wait: 0 };
    await run({ name: 'lockAcquire', key: 'lock:a-lock', owner: owner(1), ...terms });
    const waits = { lease: MINUTE, wait: MINUTE / 2 };
    await run({ name: 'lockAcquire', key: 'lock:a-lock', owner: owner(2), ...waits });
    await run({ name: 'lockAcquire', key: 'leader:a-leader', owner: owner(3), ...terms });
    for (const number of [4, 5, 6]) {
      const key = 'semaphore:a-semaphore';
      await run({ name: 'permitAcquire', key, owner: owner(number), permits: 2, ...waits });
    }
    await run({ name: 'hit', key: 'a-limit', count: 3, limit: 10, window: MINUTE });
    const throttler = { throttler: 'default', ttl: MINUTE, limit: 10, block: 0 };
    await run({ name: 'throttle', key: 'a-throttle', count: 2, ...throttler });
    const cached = {
      name: 'cacheSet',
      key: 'a-cache',
      value: '1',
      stale: 0,
      maxEntries: 9,
    } as const;
    await run({ ...cached, field: 'one', ttl: MINUTE });
    await run({ ...cached, field: 'two', ttl: MINUTE });
    await run({ name: 'append', key: 'a-topic', event: '"first"', keep: 10 });
    // What this package stores for itself is not shown.
    await run({ name: 'mapSet', key: '~bus:topics', field: 'a-topic', value: '1' });
    await run({ name: 'set', key: '$nestjs-cluster.x', value: '1' });
  });

  afterAll(() => backend.stop());

  it('has every kind of entry, by kind and key, and no values', async () => {
    const { entries, isTruncated } = await inspect();
    expect(isTruncated).toBe(false);
    expect(
      entries.map(each => ({ ...each, ...(each.ttl !== undefined && { ttl: left(each) }) })),
    ).toEqual([
      { kind: 'counter', key: 'a-counter' },
      { kind: 'value', key: 'a-value', ttl: true },
      { kind: 'map', key: 'a-map', size: 1 },
      { kind: 'set', key: 'a-set', size: 2 },
      { kind: 'leaderboard', key: 'a-board', size: 2 },
      { kind: 'lock', key: 'a-lock', ttl: true, owners: [owner(1)], waiting: 1 },
      { kind: 'leader', key: 'a-leader', ttl: true, owners: [owner(3)], waiting: 0 },
      {
        kind: 'semaphore',
        key: 'a-semaphore',
        size: 2,
        owners: expect.arrayContaining([owner(4), owner(5)]),
        waiting: 1,
      },
      { kind: 'rateLimit', key: 'a-limit', ttl: true, size: 3 },
      { kind: 'throttler', key: 'a-throttle', ttl: true, size: 2 },
      { kind: 'cache', key: 'a-cache', ttl: true, size: 2 },
      { kind: 'history', key: 'a-topic', size: 1 },
    ]);
    expect(JSON.stringify(entries)).not.toContain('red');
  });

  it('shows a value on request', async () => {
    expect(await peek('counter', 'a-counter')).toEqual({ text: '5', isTruncated: false });
    expect(await peek('value', 'a-value')).toEqual({ text: '{"name":"<b>"}', isTruncated: false });
    expect(await peek('map', 'a-map')).toEqual({ text: '{"color":"red"}', isTruncated: false });
    const { text } = (await peek('set', 'a-set'))!;
    expect(new Set(JSON.parse(text) as unknown[])).toEqual(new Set(['one', 2]));
    expect(await peek('leaderboard', 'a-board')).toEqual({
      text: '[["bob",2.5],["ann",1]]',
      isTruncated: false,
    });
  });

  it('shows no value of what is gone, has another kind, or has none', async () => {
    expect(await peek('value', 'gone')).toBeNull();
    expect(await peek('map', 'a-board')).toBeNull();
    expect(await peek('lock', 'a-lock')).toBeNull();
    expect(await peek('cache', 'a-cache')).toBeNull();
  });

  it('cuts off long values at 64 kB', async () => {
    await run({ name: 'set', key: 'long', value: JSON.stringify('x'.repeat(100_000)) });
    const value = (await peek('value', 'long'))!;
    expect([value.text.length, value.isTruncated]).toEqual([65_536, true]);
    for (let part = 0; part < 4; part++) {
      const text = JSON.stringify('y'.repeat(30_000));
      await run({ name: 'mapSet', key: 'wide', field: `f${part}`, value: text });
    }
    const map = (await peek('map', 'wide'))!;
    expect(map.isTruncated).toBe(true);
    expect(map.text.length).toBeLessThanOrEqual(65_536);
    expect(Object.keys(JSON.parse(map.text) as object)).toHaveLength(2);
    await run({ name: 'delete', key: 'long' });
    await run({ name: 'delete', key: 'wide' });
  });

  it('forgets a lock that is released', async () => {
    const lock = { key: 'lock:brief', owner: owner(9) };
    await run({ name: 'lockAcquire', ...lock, lease: MINUTE, wait: 0 });
    expect(await entry('brief')).toMatchObject({ owners: [owner(9)] });
    await run({ name: 'lockRelease', ...lock });
    expect(await entry('brief')).toBeUndefined();
  });

  it('has at most 1,000 entries, and many counters displace no locks, limits, caches and topics', async () => {
    await Promise.all(Array.from({ length: 1_500 }, (_, number) => increment(`n${number}`)));
    const { entries, isTruncated } = await inspect();
    expect([entries.length, isTruncated]).toEqual([1_000, true]);
    expect([...new Set(entries.map(({ kind }) => kind))]).toEqual(
      expect.arrayContaining([
        'counter',
        'lock',
        'leader',
        'semaphore',
        'rateLimit',
        'throttler',
        'cache',
        'history',
      ]),
    );
  });
});

it.each(['hits', 'throttle'])(
  'the inspection in Redis leaves out %s that an earlier version or another program has written',
  async what => {
    const redis = new Redis(process.env['TEST_REDIS_URL']!);
    const key = `inspection-${process.pid}-${what}`;
    const node: RedisNode = redis as never;
    const script = stateScript('clock', 'inspect');
    const texts = ['', 'x', '000000000317000000000001700000000003', '\u0001', 'x'.repeat(100)];
    for (const text of texts) {
      await redis.set(key, text);
      expect({ text, is: await script.run(node, [key, key], [what, 9]) }).toEqual({
        text,
        is: [-2],
      });
    }
    await redis.del(key);
    await redis.quit();
  },
);
