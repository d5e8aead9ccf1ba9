import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import type { RedisNode } from '../../src/redis/connection/redis-client.interface.js';
import { batchScript } from '../../src/state/backends/redis/batch-script.js';
import { LONE_SCRIPTS } from '../../src/state/backends/redis/lone-scripts.js';
import type { Operation } from '../../src/state/operation.js';

const DEADLINE = 9_000_000_000_000;

/** Longer than the test takes, so that no key expires and times can be compared in units of it. */
const TICK = 100_000;

let redis: Redis;
let node: RedisNode;

beforeAll(() => {
  redis = new Redis(process.env['TEST_REDIS_URL']!);
  node = redis as never;
});

afterAll(async () => {
  await redis.quit();
});

/** The keys of a lane, a value and its time to live. */
function keysOf(name: string): [string, string, string] {
  return ['lane', 'value', 'life'].map(what => `short-${process.pid}:${name}:${what}`) as never;
}

const [A, B] = [keysOf('a'), keysOf('b')];

const batchFor = (name: Operation['name']) => batchScript([{ name } as Operation]);

/** Returns the results of a batch without the time of the server. */
async function inBatch(keys: string[], sequence: number, words: (string | number)[]) {
  const name = words[0] === 'add' ? 'increment' : (words[0] as Operation['name']);
  const head = [String(sequence).padStart(16, '0'), DEADLINE, ''];
  const [, ...results] = (await batchFor(name).run(node, keys, [...head, ...words])) as unknown[];
  return results;
}

/** The same, by the short script in the simple case. @returns also whether that has done it */
async function alone(keys: string[], sequence: number, words: (string | number)[]) {
  const head = [String(sequence).padStart(16, '0'), DEADLINE, ''];
  const script = LONE_SCRIPTS.get(words[0])!;
  const reply = await script.run(node, keys, [...head, ...words.slice(1)]);
  return reply === null
    ? { isShort: false, results: await inBatch(keys, sequence, words) }
    : { isShort: true, results: (reply as unknown[]).slice(1) };
}

/** What is stored, with times in units. */
async function stored([, value, life]: readonly string[], withTimes: boolean) {
  const type = await redis.type(value!);
  const text = type === 'string' ? await redis.get(value!) : '';
  if (!withTimes) {
    return { type, text };
  }
  const ticks = async (key: string) => Math.ceil((await redis.pttl(key)) / TICK);
  return {
    type,
    text,
    left: await ticks(value!),
    life: await redis.get(life!),
    lifeLeft: await ticks(life!),
  };
}

/** What a step of the test does to the keys first. */
const PREPARE: ((keys: readonly string[]) => Promise<unknown>)[] = [
  () => Promise.resolve(),
  ([, value, life]) => redis.del(value!, life!),
  ([, value]) => redis.set(value!, '41'),
  ([, value]) => redis.set(value!, String(Number.MAX_SAFE_INTEGER)),
  ([, value]) => redis.set(value!, '"text"'),
  ([, value]) => redis.del(value!).then(() => redis.hset(value!, 'field', 'x')),
  // The server's clock was set back.
  ([, value, life]) =>
    redis.set(value!, '1', 'PX', 9 * TICK).then(() => redis.set(life!, 3 * TICK)),
  ([, , life]) => redis.set(life!, 'soon'),
];

const WORDS: (string | number)[][] = [
  ['get'],
  ['add', 1],
  ['add', -7],
  ['set', '"new"', '', ''],
  ['set', '{"a":1}', 5 * TICK, ''],
  ['set', '7', 2 * TICK, '"text"'],
  ['set', '8', '', '41'],
];

describe('the short scripts', () => {
  it('answer and store the same as the one for batches, whatever is stored', async () => {
    const short = new Map<unknown, number>();
    let sequence = 0;
    for (const [index, prepare] of [...PREPARE, ...PREPARE].entries()) {
      for (const words of WORDS) {
        await Promise.all([prepare(A), prepare(B)]);
        sequence++;
        const expected = await inBatch(A, sequence, words);
        const { isShort, results } = await alone(B, sequence, words);
        short.set(words[0], (short.get(words[0]) ?? 0) + (isShort ? 1 : 0));
        const what = { index, words };
        // A single increment does not check the time to live.
        const withTimes = words[0] !== 'add';
        expect({ ...what, results }).toEqual({ ...what, results: expected });
        expect({ ...what, ...(await stored(B, withTimes)) }).toEqual({
          ...what,
          ...(await stored(A, withTimes)),
        });
        // The answer was lost: a batch that changes something is not applied again, by either script.
        if (words[0] !== 'get') {
          expect((await alone(B, sequence, words)).results).toEqual(expected);
          expect(await inBatch(A, sequence, words)).toEqual(expected);
          expect(await stored(B, withTimes)).toEqual(await stored(A, withTimes));
        }
        // A late copy of an earlier batch is not applied.
        if (words[0] !== 'get' && sequence > 1) {
          expect((await alone(B, sequence - 1, words)).results).toEqual([]);
        }
      }
    }
    // Most of them are simple.
    for (const name of ['get', 'add', 'set']) {
      expect(short.get(name)).toBeGreaterThanOrEqual(8);
    }
    await redis.del(...A, ...B);
  });

  it('are not applied after their deadline', async () => {
    const script = LONE_SCRIPTS.get('set')!;
    expect(await script.run(node, A, ['1'.padStart(16, '0'), 1_000, '', '1', '', ''])).toBeNull();
    expect(await redis.exists(...A)).toBe(0);
  });
});

/** The keys of a lane and a lock: the lock, its queue, the ends of the waits, the last token, the held locks. */
function lockKeysOf(name: string): string[] {
  return ['lane', 'lock', 'queue', 'waits', 'token', 'held'].map(
    what => `short-${process.pid}:${name}:${what}`,
  );
}

/** What a step of the test does to the keys of a lock first. */
const PREPARE_LOCK: ((keys: readonly string[]) => Promise<unknown>)[] = [
  () => Promise.resolve(),
  ([, lock]) => redis.set(lock!, `7 ${TICK} other.1`, 'PX', TICK),
  ([, lock]) => redis.set(lock!, `7 ${TICK} me.1`, 'PX', TICK),
  ([, , queue, waits]) =>
    redis.zadd(queue!, 1, 'other.2').then(() => redis.zadd(waits!, DEADLINE, 'other.2')),
  ([, , , , token]) => redis.set(token!, '8999999999999999'),
  ([, , , , token]) => redis.set(token!, 'nan'),
  ([, lock]) => redis.set(lock!, 'of another program'),
];

const CHANNELS = `short-${process.pid}:grants:`;

const ACQUIRE = ['lockAcquire', 'name', 'me.1', TICK, 0, CHANNELS, 2_000];
const RELEASE = ['lockRelease', 'me.1', CHANNELS, 2_000];

/** What is stored, with times in units, and without the part of tokens that is a time. */
async function storedLock([, lock, queue, waits, token, held]: readonly string[]) {
  const text = (await redis.get(lock!)) ?? '';
  const ticks = async (key: string) => Math.ceil((await redis.pttl(key)) / TICK);
  return {
    lock: withoutTime(text),
    left: await ticks(lock!),
    queue: await redis.zrange(queue!, '0', '-1'),
    waits: await redis.zrange(waits!, '0', '-1'),
    token: withoutTime((await redis.get(token!)) ?? ''),
    held: await redis.hgetall(held!),
    heldLeft: await ticks(held!),
  };
}

function withoutTime(text: string): string {
  return text.replace(/\b1\d{15}\b/g, 'time');
}

describe('the short scripts for locks', () => {
  it('answer and store the same as the one for batches, whatever is stored', async () => {
    const [one, other] = [lockKeysOf('a'), lockKeysOf('b')];
    const short = new Set<unknown>();
    let sequence = 0;
    for (const prepare of PREPARE_LOCK) {
      await redis.del(...one, ...other);
      await Promise.all([prepare(one), prepare(other)]);
      for (const words of [ACQUIRE, ACQUIRE, RELEASE, RELEASE]) {
        sequence++;
        const expected = await inBatch(one, sequence, words);
        const { isShort, results } = await alone(other, sequence, words);
        if (isShort) {
          short.add(words[0]);
        }
        const texts = (list: unknown[]) =>
          withoutTime(JSON.stringify(list)).replaceAll(/:[ab]:|\b\d{5,6}\b/g, '');
        expect({ sequence, results: texts(results) }).toEqual({
          sequence,
          results: texts(expected),
        });
        expect({ sequence, ...(await storedLock(other)) }).toEqual({
          sequence,
          ...(await storedLock(one)),
        });
        expect((await alone(other, sequence, words)).results).toEqual(results);
        expect(await inBatch(other, sequence, words)).toEqual(results);
      }
    }
    expect([...short]).toEqual(['lockAcquire', 'lockRelease']);
    await redis.del(...one, ...other);
  });
});

describe('the script for batches', () => {
  it('takes the arguments of an operation from the one before', async () => {
    const lane = `short-${process.pid}:again`;
    const limits = ['x', 'y', 'z'].map(each => `${lane}:${each}`);
    const hit = ['hit', 2, 1, 5, 60_000, 1_000];
    const run = async (sequence: number, ...words: (string | number)[]) => {
      const args = [String(sequence).padStart(16, '0'), DEADLINE, '', ...words];
      const [, ...results] = (await batchFor('hit').run(
        node,
        [lane, ...limits],
        args,
      )) as unknown[];
      return (results as number[][]).map(([allowed, remaining]) => [allowed, remaining]);
    };
    expect(await run(1, ...hit, '"', '"')).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
    ]);
    expect(await run(2, ...hit, 'hit', 1, 1, 5, 60_000, 1_000, '"')).toEqual([
      [2, 1],
      [1, 2],
      [1, 2],
    ]);
    await redis.del(lane, ...limits);
  });
});
