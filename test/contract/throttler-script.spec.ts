import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { MemoryBudget } from '../../src/state/backends/memory/memory-budget.js';
import {
  throttlerHandlers,
  throttlerSpace,
} from '../../src/state/backends/memory/memory-throttlers.js';
import type { Operation } from '../../src/state/operation.js';
import { seededNumbers } from '../fixtures/apps/state/seeded-numbers.js';
import { operationScript, type RunOperation } from '../support/redis/operation-script.js';

/** So long that no key expires by the clock of the server. It expires by the clock of this test instead. */
const UNIT = 100_000;

/** All times to live are multiples of it. The server needs less to answer. */
const TICK = 10_000;

let redis: Redis;
let run: RunOperation;

beforeAll(async () => {
  redis = new Redis(process.env['TEST_REDIS_URL']!);
  run = await operationScript(redis, 'throttlers.lua');
});

afterAll(async () => {
  await redis.quit();
});

async function throttleInRedis(key: string, operation: Operation<'throttle'>, now: number) {
  const { throttler, count, ttl, limit, block } = operation;
  const reply = await run('throttle', key, now, throttler, count, ttl, limit, block);
  const [before, first, expiresIn, blockedFor, isBlocked] = reply as number[];
  return { before, first, expiresIn, blockedFor, isBlocked: isBlocked === 1 };
}

describe('the throttler in Redis', () => {
  it('answers as the one in memory, with any times to live, limits, blocks and names', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const next = seededNumbers(seed);
      const key = `throttler-script-${process.pid}-${seed}`;
      let now = 1_700_000_000_000;
      const space = throttlerSpace({ now: () => now }, new MemoryBudget(Infinity));
      const ttl = 1 + next(40);
      let expiresAt = Infinity;
      for (let step = 0; step < 120; step++) {
        now += next(3) === 0 ? next(60) * UNIT : next(2) * UNIT;
        const operation: Operation<'throttle'> = {
          name: 'throttle',
          key,
          throttler: next(5) === 0 ? 'other' : 'default',
          count: 1 + next(4),
          ttl: (next(4) === 0 ? 1 + next(80) : ttl) * UNIT,
          limit: next(3) === 0 ? next(6) : 20 + next(200),
          block: next(2) * next(50) * UNIT,
        };
        if (now >= expiresAt) {
          await redis.del(key);
        }
        // So that it is known below whether the script has set another time to live.
        await redis.persist(key);
        const expected = throttlerHandlers.throttle(space, operation, now);
        const answer = await throttleInRedis(key, operation, now);
        expect({ seed, step, ...answer }).toEqual({ seed, step, ...expected });
        const left = await redis.pttl(key);
        expiresAt = left < 0 ? expiresAt : now + Math.ceil(left / TICK) * TICK;
      }
      await redis.del(key);
    }
  });

  it('counts for throttlers with names of any length', async () => {
    for (let length = 1; length <= 300; length++) {
      const key = `throttler-script-${process.pid}-name`;
      const throttler = 'x'.repeat(length);
      const operation = { name: 'throttle', key, throttler, count: 1, limit: 9 } as const;
      for (const before of [0, 1, 2]) {
        const answer = await throttleInRedis(key, { ...operation, ttl: UNIT, block: 0 }, 1);
        expect({ length, ...answer }).toMatchObject({ length, before });
      }
      await redis.del(key);
    }
  });

  describe('whose server has its clock set back', () => {
    const key = `throttler-script-${process.pid}-clock`;
    const noon = 1_700_000_000_000;
    const request = { name: 'throttle', key, throttler: 'default', count: 1, limit: 2 } as const;

    afterEach(() => redis.del(key));

    it.each([
      ['blocks for no longer than a new block lasts', { block: 5 * UNIT, count: 3 }, true],
      ['has hits that expire as early as new ones', { block: 5 * UNIT, count: 2 }, false],
      ['has hits that expire as early as new ones, without blocks', { block: 0, count: 2 }, false],
    ])('%s', async (_, { block, count }, isBlocked) => {
      const operation = { ...request, ttl: 4 * UNIT, block };
      await throttleInRedis(key, { ...operation, count }, noon);
      const before = noon - 60 * UNIT;
      const { expiresIn, blockedFor, ...answer } = await throttleInRedis(key, operation, before);
      expect(answer).toEqual({ before: 2 + Number(isBlocked), first: 0, isBlocked });
      expect(expiresIn).toBeLessThanOrEqual(5 * UNIT);
      expect(blockedFor).toBeLessThanOrEqual(5 * UNIT);
      expect(await redis.pttl(key)).toBeLessThanOrEqual(5 * UNIT + 60_000);
      expect(await throttleInRedis(key, operation, before + 5 * UNIT)).toMatchObject({
        before: 0,
        isBlocked: false,
      });
    });

    it('does the same with what an earlier version has stored', async () => {
      const head = "cmsgpack.pack({tonumber(ARGV[1]), tonumber(ARGV[1]), 1, 'default', {}})";
      const script = `local head = ${head}
        return redis.call('SET', KEYS[1], struct.pack('<I4', #head) .. head)`;
      await redis.eval(script, 1, key, noon);
      const operation = { ...request, ttl: 4 * UNIT, block: 5 * UNIT };
      expect(await throttleInRedis(key, operation, noon - 60 * UNIT)).toMatchObject({
        blockedFor: 5 * UNIT,
        isBlocked: true,
      });
    });

    it('keeps the hits of other throttlers for no longer, either', async () => {
      const operation = { ...request, ttl: 4 * UNIT, block: 0 };
      await throttleInRedis(key, { ...operation, throttler: 'other' }, noon);
      const before = noon - 60 * UNIT;
      await throttleInRedis(key, operation, before);
      expect(await redis.pttl(key)).toBeLessThanOrEqual(4 * UNIT);
      const other = { ...operation, throttler: 'other' };
      expect(await throttleInRedis(key, other, before + 1)).toMatchObject({ before: 1 });
      expect(await throttleInRedis(key, other, before + 5 * UNIT)).toMatchObject({ before: 0 });
    });
  });
});
