import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import type { RedisNode } from '../../src/redis/connection/redis-client.interface.js';
import { batchScript } from '../../src/state/backends/redis/batch-script.js';
import type { Operation } from '../../src/state/operation.js';

const DEADLINE = 9_000_000_000_000;

/** Longer than the test takes. */
const TTL = 100_000;

let redis: Redis;
let node: RedisNode;
let sequence = 0;

beforeAll(() => {
  redis = new Redis(process.env['TEST_REDIS_URL']!);
  node = redis as never;
});

afterAll(async () => {
  await redis.quit();
});

/** The bytes of an entry and of others, without the times of those. */
const sizeOf = (entry: string, texts: object) =>
  entry.length + Object.entries(texts).flat().join('').replaceAll('0 0 ', '').length;

const keysOf = (name: string) =>
  ['entries', 'uses', 'bytes'].map(what => `cache-script-${process.pid}:${name}:${what}`);

async function run(keys: string[], name: Operation['name'], ...args: (string | number)[]) {
  const head = [String(++sequence).padStart(16, '0'), DEADLINE, ''];
  const [, result] = (await batchScript([{ name } as Operation]).run(
    node,
    [`cache-script-${process.pid}:lane`, ...keys],
    [...head, name, ...args],
  )) as unknown[];
  return result;
}

const set = (keys: string[], field: string, value: string, ttl: number | '', entries = 9) =>
  run(keys, 'cacheSet', field, value, ttl, 0, entries, '');

describe('a cache in Redis', () => {
  it('expires when its only entry gets a time to live', async () => {
    const keys = keysOf('expires');
    await set(keys, 'a', '1', '');
    await set(keys, 'a', '2', TTL);
    for (const key of keys) {
      expect(await redis.pttl(key)).toBeGreaterThan(0);
    }
    await redis.del(...keys);
  });

  it('has no entry whose text it cannot read', async () => {
    const keys = keysOf('unreadable');
    const texts = { a: '0 0 "of an earlier version"', b: 'of another client', c: '', d: '0 0 5' };
    await set(keys, 'good', '1', '');
    const store = () =>
      Promise.all([redis.hset(keys[0]!, texts), redis.set(keys[2]!, sizeOf('good1', texts))]);
    await store();
    for (const field of Object.keys(texts)) {
      expect(await run(keys, 'cacheGet', field)).toBeNull();
    }
    await store();
    expect(await run(keys, 'cacheKeys', '')).toEqual(['good']);
    expect(await run(keys, 'cacheDelete', 'a')).toBe(0);
    expect(await run(keys, 'cacheClear', 'b')).toBe(1);
    expect(Number(await set(keys, 'c', '7', ''))).toBeGreaterThan(0);
    expect(await run(keys, 'cacheGet', 'c')).toMatchObject({ 0: '7' });
    await set(keys, 'd', '8', '');
    expect(await redis.get(keys[2]!)).toBe(String('good1c7d8'.length));
    await redis.del(...keys);
  });

  it('keeps the entry that was set last, although the clock of the server was set back', async () => {
    const keys = keysOf('clock');
    await set(keys, 'a', '1', '', 1);
    await redis.zadd(keys[1]!, 9e15, 'a');
    const version = await set(keys, 'b', '2', '', 1);
    expect(await run(keys, 'cacheGet', 'b')).toMatchObject(['2', '', String(Number(version))]);
    await redis.del(...keys);
  });

  it('removes the entries that were used before the clock of the server was set back', async () => {
    const keys = keysOf('uses');
    const ahead = (Date.now() + 3_600_000) * 1_000;
    for (const field of ['a', 'b', 'c']) {
      await set(keys, field, '1', '', 3);
      await redis.zadd(keys[1]!, ahead, field);
    }
    await run(keys, 'cacheGet', 'a');
    await set(keys, 'd', '2', '', 3);
    await set(keys, 'e', '2', '', 3);
    expect(new Set((await run(keys, 'cacheKeys', '')) as string[])).toEqual(
      new Set(['a', 'd', 'e']),
    );
    await redis.del(...keys);
  });

  it('goes on when the server has evicted one of its keys', async () => {
    for (const [index, max] of [0, 1, 2].flatMap(each => [
      [each, ''],
      [each, 12],
    ])) {
      const keys = keysOf(`evicted-${index}-${max}`);
      const fill = async (prefix: string) => {
        for (let entry = 0; entry < 8; entry++) {
          await run(keys, 'cacheSet', `${prefix}${entry}`, '1', '', 0, 4, max!);
        }
      };
      await fill('a');
      await redis.del(keys[Number(index)]!);
      await fill('b');
      expect(new Set((await run(keys, 'cacheKeys', '')) as string[])).toEqual(
        new Set(['b4', 'b5', 'b6', 'b7']),
      );
      await redis.del(...keys);
    }
  });

  it('has no more entries than its new maximum', async () => {
    const keys = keysOf('fewer');
    for (const field of ['a', 'b', 'c', 'd']) {
      await set(keys, field, '1', '');
    }
    await set(keys, 'd', '2', '', 2);
    expect(await run(keys, 'cacheKeys', '')).toHaveLength(2);
    await redis.del(...keys);
  });
});
