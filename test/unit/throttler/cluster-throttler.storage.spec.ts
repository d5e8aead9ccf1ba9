import { deepStrictEqual } from 'node:assert/strict';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ThrottlerStorageService } from '@nestjs/throttler';
import * as fc from 'fast-check';
import { StateClient } from '../../../src/state/client/state-client.js';
import type { SharedState } from '../../../src/state/shared-state.js';
import { ClusterThrottlerStorage } from '../../../src/throttler/cluster-throttler.storage.js';
import { FakeExecutor } from '../../support/fakes/fake-executor.js';
import { MemoryExecutor } from '../../support/fakes/memory-executor.js';

let now: number;
let client: StateClient;

const clock = { now: () => now, stamp: () => now };

beforeEach(() => {
  now = 1_700_000_000_000;
  client = new StateClient(new MemoryExecutor(clock), 1_000, 0);
  vi.spyOn(Date, 'now').mockImplementation(() => now);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await client.close();
});

const stateOf = (stateClient: StateClient): SharedState =>
  ({ stateClient }) as Partial<SharedState> as SharedState;

const storageOf = (stateClient: StateClient, options = {}): ClusterThrottlerStorage =>
  new ClusterThrottlerStorage(stateOf(stateClient), options);

type Hit = Awaited<ReturnType<ClusterThrottlerStorage['increment']>>;

/** While nothing is blocked, the original gives the time since the last block, or since 1970. */
function comparable({ timeToBlockExpire, ...hit }: Hit): Hit {
  return { ...hit, timeToBlockExpire: hit.isBlocked ? timeToBlockExpire : 0 };
}

interface Step {
  readonly advance: number;
  readonly calls: number;
  readonly key: string;
  readonly ttl: number;
  readonly limit: number;
  readonly block: number;
  readonly name: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  advance: fc.oneof(fc.nat(3), fc.nat(700), fc.nat(5_000)),
  calls: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 8 })),
  key: fc.constantFrom('a', 'b'),
  ttl: fc.oneof(
    { weight: 4, arbitrary: fc.constant(1_000) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3_000 }) },
  ),
  limit: fc.oneof({ weight: 4, arbitrary: fc.constant(3) }, { weight: 1, arbitrary: fc.nat(6) }),
  block: fc.oneof(fc.constantFrom(0, -1, 1_000), fc.integer({ min: 1, max: 2_500 })),
  name: fc.oneof(
    { weight: 4, arbitrary: fc.constant('default') },
    { weight: 1, arbitrary: fc.constant('other') },
  ),
});

describe('the storage of throttlers', () => {
  it('answers as the one of @nestjs/throttler does in a single process', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const original = new ThrottlerStorageService();
        const storage = storageOf(client);
        run++;
        const expected: Hit[] = [];
        const hits: Hit[] = [];
        for (const { advance, calls, key, ttl, limit, block, name } of steps) {
          now += advance;
          const all = Array.from({ length: calls });
          for (const _ of all) {
            expected.push(comparable(await original.increment(key, ttl, limit, block, name)));
          }
          const increments = all.map(() =>
            storage.increment(`${run}-${key}`, ttl, limit, block, name),
          );
          hits.push(...(await Promise.all(increments)));
        }
        deepStrictEqual(hits, expected);
        original.onApplicationShutdown();
      }),
      { numRuns: 300 },
    );
  });

  it('lets exactly the limit pass, however many hits come at once', async () => {
    const hits = await Promise.all(
      Array.from({ length: 1_000 }, () => storageOf(client).increment('k', 1_000, 100, 0, 'd')),
    );
    expect(hits.filter(({ isBlocked }) => !isBlocked)).toHaveLength(100);
    expect(hits.at(-1)).toEqual({
      totalHits: 101,
      timeToExpire: 1,
      isBlocked: true,
      timeToBlockExpire: 1,
    });
  });

  it.each([
    ['limits and times that are no whole numbers', 2.5, 1_000.5, 0],
    ['no limit', Number.POSITIVE_INFINITY, 1_000, 0],
    ['endless times', 5, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['NaN', Number.NaN, Number.NaN, Number.NaN],
  ])('accepts %s', async (_, limit, ttl, block) => {
    const hit = await storageOf(client).increment('k', ttl, limit, block, 'd');
    expect(hit.totalHits).toBe(1);
  });

  it('refuses with status 503 or allows while the backend is away, as the option says', async () => {
    const away = new StateClient(new FakeExecutor(), 20, 0);
    const hit = (options?: object): Promise<Hit> =>
      storageOf(away, options).increment('k', 1_500, 5, 0, 'd');
    await expect(hit()).rejects.toMatchObject({ status: 503 });
    await expect(hit({ onOutage: 'refuse' })).rejects.toMatchObject({ status: 503 });
    expect(await hit({ onOutage: 'allow' })).toEqual({
      totalHits: 0,
      timeToExpire: 2,
      isBlocked: false,
      timeToBlockExpire: 0,
    });
    expect(() => storageOf(away, { onOutage: 'wait' })).toThrow('onOutage');
    await away.close();
  });
});
