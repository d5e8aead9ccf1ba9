import { describe, expect, it } from 'vitest';
import { StateClient } from '../../../../src/state/client/state-client.js';
import type {
  CacheChange,
  CacheFeed,
} from '../../../../src/state/objects/cache/cache-feed.interface.js';
import { NearCache } from '../../../../src/state/objects/cache/near-cache.js';
import { StateCache } from '../../../../src/state/objects/cache/state-cache.js';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';
import { block } from '../../../fixtures/apps/block.js';

/** Records what is announced. */
class FakeFeed implements CacheFeed {
  readonly isLive = true;
  readonly announced: CacheChange[] = [];

  watch(): void {}

  announce(_: string, change: CacheChange): Promise<void> {
    this.announced.push(change);
    return Promise.resolve();
  }
}

function cacheOn(executor: FakeExecutor) {
  const feed = new FakeFeed();
  const cache = new StateCache('c', {
    client: new StateClient(executor, 200, 0),
    feed,
    flights: undefined as never,
    near: new NearCache('c', 10, false, feed),
    reloadLog: { failed() {} },
    maxValueBytes: 100_000,
    ttl: 60_000,
    maxEntries: 10,
  });
  return { cache, feed };
}

describe('a write to a cache with near copies', () => {
  it('announces the value, its version and its time to live, and replaces its own copy', async () => {
    const executor = new FakeExecutor();
    const { cache, feed } = cacheOn(executor);
    const read = cache.get('k');
    const first = { value: '"old"', freshFor: null, version: 6 };
    await executor.answer({ type: 'applied', results: [first] });
    expect(await read).toBe('old');
    const written = cache.set('k', 'new', { ttl: 5_000 });
    // It may have been stored long before the answer.
    block(5);
    await executor.answer({ type: 'applied', results: [7] });
    await written;
    expect(feed.announced).toEqual([
      { key: 'k', entry: { value: '"new"', freshFor: expect.any(Number), version: 7 } },
    ]);
    const freshFor = feed.announced[0]!.entry!.freshFor!;
    expect(freshFor).toBeGreaterThan(1_000);
    expect(freshFor).toBeLessThanOrEqual(4_995);
    const batches = executor.batches.length;
    expect(await cache.get('k')).toBe('new');
    expect(executor.batches).toHaveLength(batches);
  });

  it.each([
    ['the value is long', 'x'.repeat(5_000), { type: 'applied', results: [7] }],
    ['the value was not stored', 'new', { type: 'applied', results: [0] }],
    ['the write failed', 'new', { type: 'full', why: 'no memory' }],
  ] as const)('announces only the change if %s', async (_, value, outcome) => {
    const executor = new FakeExecutor();
    const { cache, feed } = cacheOn(executor);
    const written = cache.set('k', value).catch(() => {});
    await executor.answer({ ...outcome });
    await written;
    expect(feed.announced).toEqual([{ key: 'k' }]);
  });

  it('announces only the change if an entry was deleted, and no key if all were', async () => {
    const executor = new FakeExecutor();
    const { cache, feed } = cacheOn(executor);
    const deleted = cache.delete('k');
    await executor.answer({ type: 'applied', results: [true] });
    await deleted;
    const cleared = cache.clear();
    await executor.answer({ type: 'applied', results: [true] });
    await cleared;
    expect(feed.announced).toEqual([{ key: 'k' }, {}]);
  });
});
