import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { MemoryBudget } from '../../src/state/backends/memory/memory-budget.js';
import { LockSpace } from '../../src/state/backends/memory/memory-locks.js';
import {
  semaphoreHandlers,
  SemaphoreSpace,
} from '../../src/state/backends/memory/memory-semaphores.js';
import { CLAIM_MILLISECONDS } from '../../src/state/client/lock-owner.js';
import { seededNumbers } from '../fixtures/apps/state/seeded-numbers.js';
import { operationScript, type RunOperation } from '../support/redis/operation-script.js';

/** So long that no key expires by the clock of the server. */
const LEASE = 1_000_000;

const WAIT = 50_000;

let redis: Redis;
let run: RunOperation;
let keys: readonly string[];
let now: number;
let semaphores = 0;

beforeAll(async () => {
  redis = new Redis(process.env['TEST_REDIS_URL']!);
  run = await operationScript(redis, 'lock-queues.lua', 'semaphores.lua');
});

beforeEach(() => begin());

afterAll(async () => {
  await redis.quit();
});

/** Begins with a new semaphore. */
function begin(): void {
  const name = `semaphore-script-${process.pid}-${++semaphores}`;
  keys = ['permits', 'queue', 'waits', 'token', 'held', 'leases'].map(what => `${name}:${what}`);
  now = 1_700_000_000_000;
}

/** Returns the milliseconds until a permit may be free; 0 if the owner has got one. */
async function acquire(
  owner: number,
  { permits = 1, lease = LEASE, wait = WAIT } = {},
): Promise<number> {
  const words = ['name', `client.${owner}`, permits, lease, wait, 'grants:', CLAIM_MILLISECONDS];
  const [what, number] = (await run('permitAcquire', keys, now, ...words)) as [string, string];
  return what === 'token' ? 0 : Number(number);
}

async function renew(owner: number, lease = LEASE): Promise<boolean> {
  return (await run('permitRenew', keys, now, `client.${owner}`, lease)) === 1;
}

async function release(owner: number, permits?: number): Promise<boolean> {
  const words = [`client.${owner}`, permits ?? '', 'grants:', CLAIM_MILLISECONDS];
  return (await run('permitRelease', keys, now, ...words)) === 1;
}

describe('a semaphore in Redis', () => {
  it('answers as the one in memory, with any permits, leases and waits', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      begin();
      const next = seededNumbers(seed);
      const clock = { now: () => now, stamp: () => now };
      const budget = new MemoryBudget(Infinity);
      const space = new SemaphoreSpace(new LockSpace(() => {}, clock, budget));
      const key = 'semaphore:s';
      for (let step = 0; step < 80; step++) {
        now += [0, 1, 1_500, 3_000, 60_000][next(5)]!;
        const name = next(8);
        const owner = `client.${name}`;
        const permits = 1 + next(4);
        const lease = (1 + next(9)) * LEASE;
        const wait = next(2) * WAIT;
        const at = { key, owner };
        const known = next(4) > 0 ? { permits } : {};
        const [answer, expected] = await [
          async () => [
            await acquire(name, { permits, lease, wait }),
            heldFor(
              semaphoreHandlers.permitAcquire(
                space,
                { name: 'permitAcquire', ...at, permits, lease, wait },
                now,
              ),
            ),
          ],
          async () => [
            await renew(name, lease),
            semaphoreHandlers.permitRenew(space, { name: 'permitRenew', ...at, lease }, now),
          ],
          async () => [
            await release(name, known.permits),
            semaphoreHandlers.permitRelease(space, { name: 'permitRelease', ...at, ...known }, now),
          ],
        ][next(3)]!();
        expect({ seed, step, answer }).toEqual({ seed, step, answer: expected });
      }
      const [holders, leases] = await Promise.all([
        redis.zrange(keys[0]!, '0', '-1'),
        redis.hkeys(keys[5]!),
      ]);
      expect(new Set(leases)).toEqual(new Set(holders));
      await redis.del(...keys);
    }
  });

  it('restarts each lease with its own length when the clock of the server is set back', async () => {
    await acquire(1, { permits: 2, lease: LEASE });
    await acquire(2, { permits: 2, lease: 3 * LEASE });
    now -= 60 * LEASE;
    const request = { permits: 2, lease: LEASE / 2 };
    expect(await acquire(3, request)).toBe(LEASE);
    now += LEASE;
    expect(await acquire(3, request)).toBe(0);
    expect(await acquire(4, request)).toBe(LEASE / 2);
    now += 2 * LEASE;
    expect(await renew(2)).toBe(false);
    await redis.del(...keys);
  });

  it('leaves the leases of an earlier version of this package, whose length is not known', async () => {
    await acquire(1, { lease: 3 * LEASE });
    await redis.del(keys[5]!);
    expect(await acquire(2, { lease: LEASE })).toBe(3 * LEASE);
    await redis.del(...keys);
  });

  it('keeps to the permits of a later release of the application, which are fewer', async () => {
    for (const owner of [1, 2]) {
      expect(await acquire(owner, { permits: 2 })).toBe(0);
    }
    for (const owner of [3, 4, 5]) {
      expect(await acquire(owner)).toBeGreaterThan(0);
    }
    await release(1, 2);
    await release(2, 2);
    // Two of those that wait have got the permits.
    expect(await Promise.all([3, 4].map(owner => renew(owner)))).toEqual([true, true]);
    await release(3, 1);
    expect(await renew(5)).toBe(false);
    await release(4, 1);
    expect(await renew(5)).toBe(true);
    await redis.del(...keys);
  });
});

function heldFor(answer: unknown): number {
  const { heldFor: left = 0 } = answer as Partial<{ heldFor: number }>;
  return left;
}
