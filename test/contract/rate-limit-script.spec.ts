import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { MemoryBudget } from '../../src/state/backends/memory/memory-budget.js';
import { limitHandlers, limitSpace } from '../../src/state/backends/memory/memory-rate-limits.js';
import type { Operation } from '../../src/state/operation.js';
import { quantumOf } from '../../src/state/sliding-window.js';
import { seededNumbers } from '../fixtures/apps/state/seeded-numbers.js';
import { operationScript, type RunOperation } from '../support/redis/operation-script.js';

/** So long that no key expires by the clock of the server. It expires by the clock of this test instead. */
const UNIT = 100_000;

let redis: Redis;
let run: RunOperation;

beforeAll(async () => {
  redis = new Redis(process.env['TEST_REDIS_URL']!);
  run = await operationScript(redis, 'rate-limits.lua');
});

afterAll(async () => {
  await redis.quit();
});

async function hitInRedis(key: string, operation: Operation<'hit'>, now: number) {
  const { count, cost = 1, limit, window } = operation;
  const reply = await run('hit', key, now, count, cost, limit, window, quantumOf(window));
  const [allowed, remaining, resetAfter] = reply as number[];
  return { allowed, remaining, resetAfter };
}

describe('the rate limit in Redis', () => {
  it('answers as the one in memory, with any limits, counts and costs', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const next = seededNumbers(seed);
      const key = `rate-limit-script-${process.pid}-${seed}`;
      let now = 1_700_000_000_000;
      const space = limitSpace({ now: () => now }, new MemoryBudget(Infinity));
      const window = (1 + next(200)) * UNIT;
      let expiresAt = Infinity;
      for (let step = 0; step < 120; step++) {
        now += [0, 1, 977, UNIT, next(90) * UNIT][next(5)]!;
        const operation: Operation<'hit'> = {
          name: 'hit',
          key,
          count: 1 + next(4),
          cost: next(3) === 0 ? 1 + next(50) : 1,
          limit: next(4) === 0 ? 1 + next(6) : 20 + next(200),
          window,
        };
        if (now >= expiresAt) {
          await redis.del(key);
        }
        const expected = limitHandlers.hit(space, operation, now);
        const answer = await hitInRedis(key, operation, now);
        expect({ seed, step, ...answer }).toEqual({ seed, step, ...expected });
        if (answer.allowed! > 0) {
          expiresAt = now + window;
        }
      }
      await redis.del(key);
    }
  });

  it('begins anew after an earlier version, and keeps what another program has written', async () => {
    const key = `rate-limit-script-${process.pid}-foreign`;
    const now = 1_700_000_000_000;
    const operation = { name: 'hit', key, count: 1, limit: 3, window: UNIT } as const;
    await redis.set(key, `0000000003${now}00000000003`);
    expect(await hitInRedis(key, operation, now)).toMatchObject({ allowed: 1, remaining: 2 });
    for (const text of ['', '5', '\u0001', '\u0001'.repeat(9), 'x'.repeat(25), '1'.repeat(25)]) {
      await redis.set(key, text);
      const reply = await run('hit', key, now, 1, 1, 3, UNIT, 1);
      expect({ text, reply }).toMatchObject({ reply: expect.stringMatching(/^!backend/) });
      expect(await redis.get(key)).toBe(text);
    }
    await redis.del(key);
  });
});
