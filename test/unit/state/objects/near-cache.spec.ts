import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type {
  CacheChange,
  CacheFeed,
  CarriedEntry,
} from '../../../../src/state/objects/cache/cache-feed.interface.js';
import { NearCache } from '../../../../src/state/objects/cache/near-cache.js';
import { block } from '../../../fixtures/apps/block.js';

const KEYS = ['a', 'b'];

/** A backend of which reads and announcements arrive later. */
class Backend {
  readonly entries = new Map<string, CarriedEntry>();
  version = 0;

  set(key: string): CarriedEntry {
    const version = ++this.version;
    const entry = { value: JSON.stringify({ version }), version, freshFor: null };
    this.entries.set(key, entry);
    return entry;
  }
}

/** A worker with a near cache, and what is on its way to it. */
class Worker implements CacheFeed {
  isLive = true;
  readonly near: NearCache;
  /** The announcements of each other worker, in their order. */
  readonly inbox = new Map<Worker, CacheChange[]>();
  readonly replies: (() => void)[] = [];
  /** The version that a read which begins now must at least return, by key. */
  readonly seen = new Map<string, number>();
  #onChange: (change: CacheChange) => void = () => {};

  constructor(
    private readonly backend: Backend,
    freeze: boolean,
  ) {
    this.near = new NearCache('cache', 3, freeze, this);
  }

  watch(_: string, onChange: (change: CacheChange) => void): void {
    this.#onChange = onChange;
  }

  announce(): Promise<void> {
    return Promise.resolve();
  }

  write(key: string, others: readonly Worker[], kind: 'set' | 'large' | 'delete'): void {
    let entry: CarriedEntry | undefined;
    if (kind === 'delete') {
      this.backend.entries.delete(key);
    } else {
      entry = this.backend.set(key);
    }
    const change = { key, ...(kind === 'set' && entry && { entry }) };
    this.near.change(change);
    for (const other of others) {
      other.inbox.set(this, [...(other.inbox.get(this) ?? []), change]);
    }
  }

  /** Reads a key; the reply of the backend arrives later. */
  read(key: string): void {
    const atLeast = this.seen.get(key) ?? 0;
    const copy = this.near.get(key);
    if (copy !== undefined) {
      this.#saw(key, copy, atLeast);
      return;
    }
    const keep = this.near.reading(key);
    const entry = this.backend.entries.get(key);
    this.replies.push(() => {
      if (entry) {
        this.#saw(key, keep(entry), atLeast);
      }
    });
  }

  reply(): void {
    this.replies.shift()?.();
  }

  hear(from: Worker): void {
    const change = this.inbox.get(from)?.shift();
    if (change) {
      this.#onChange(change);
    }
  }

  gap(): void {
    this.inbox.clear();
    this.#onChange({});
  }

  #saw(key: string, value: unknown, atLeast: number): void {
    const { version } = value as { readonly version: number };
    expect(version).toBeGreaterThanOrEqual(atLeast);
    this.seen.set(key, Math.max(version, this.seen.get(key) ?? 0));
  }
}

const worker = fc.nat({ max: 2 });
const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  fc.record({
    what: fc.constant('write' as const),
    worker,
    key,
    kind: fc.constantFrom('set' as const, 'set' as const, 'large' as const, 'delete' as const),
  }),
  fc.record({ what: fc.constant('read' as const), worker, key }),
  fc.record({ what: fc.constant('reply' as const), worker }),
  fc.record({ what: fc.constant('hear' as const), worker, from: worker }),
  fc.record({ what: fc.constant('gap' as const), worker }),
);

function copyOf(near: NearCache, of: string): unknown {
  return (near.get(of) as { readonly version: number } | undefined)?.version;
}

describe('a near cache', () => {
  it.each([false, true])(
    'never goes back in time, and has the last value in the end (freeze: %j)',
    freeze => {
      let hits = 0;
      fc.assert(
        fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), steps => {
          const backend = new Backend();
          const workers = Array.from({ length: 3 }, () => new Worker(backend, freeze));
          for (const each of steps) {
            const own = workers[each.worker]!;
            switch (each.what) {
              case 'write':
                own.write(
                  each.key,
                  workers.filter(other => other !== own),
                  each.kind,
                );
                break;
              case 'read':
                own.read(each.key);
                break;
              case 'reply':
                own.reply();
                break;
              case 'hear':
                own.hear(workers[each.from]!);
                break;
              case 'gap':
                own.gap();
                break;
            }
          }
          for (const own of workers) {
            while (own.replies.length > 0) {
              own.reply();
            }
            for (const other of workers) {
              while (own.inbox.get(other)?.length) {
                own.hear(other);
              }
            }
            for (const each of KEYS) {
              const copy = copyOf(own.near, each);
              if (copy !== undefined) {
                hits++;
                expect(copy).toBe(backend.entries.get(each)?.version);
              }
            }
          }
        }),
        { numRuns: 300 },
      );
      expect(hits).toBeGreaterThan(100);
    },
  );

  it('takes over a new entry of another worker, and returns a fresh copy of it each time', () => {
    const backend = new Backend();
    const [one, two] = [new Worker(backend, false), new Worker(backend, false)];
    one.write('a', [two], 'set');
    two.read('a');
    two.reply();
    one.write('a', [two], 'set');
    expect(copyOf(two.near, 'a')).toBe(1);
    two.hear(one);
    two.hear(one);
    expect(two.near.get('a')).toEqual({ version: 2 });
    expect(two.near.get('a')).not.toBe(two.near.get('a'));
  });

  it('has no copy that is earlier than what was read meanwhile', () => {
    const backend = new Backend();
    const [one, two] = [new Worker(backend, false), new Worker(backend, false)];
    one.write('a', [two], 'set');
    two.read('a');
    one.write('a', [two], 'set');
    two.read('a');
    two.reply();
    two.hear(one);
    expect(copyOf(two.near, 'a')).toBe(1);
    two.reply();
    expect(two.seen.get('a')).toBe(2);
    expect(two.near.get('a')).toBeUndefined();
  });

  it('keeps no copy of what it has not read', () => {
    const backend = new Backend();
    const [one, two] = [new Worker(backend, true), new Worker(backend, true)];
    one.write('a', [two], 'set');
    two.hear(one);
    expect(two.near.get('a')).toBeUndefined();
    expect(one.near.get('a')).toBeUndefined();
  });

  it('has a copy expire with the entry that was carried', async () => {
    const own = new Worker(new Backend(), false);
    own.near.reading('a')({ value: '1', version: 1, freshFor: null });
    own.near.change({ key: 'a', entry: { value: '2', version: 2, freshFor: 60_000 } });
    expect(own.near.get('a')).toBe(2);
    own.near.change({ key: 'a', entry: { value: '3', version: 3, freshFor: 0 } });
    expect(own.near.get('a')).toBeUndefined();
  });

  it('drops the copy when an earlier version arrives', () => {
    const own = new Worker(new Backend(), false);
    own.near.reading('a')({ value: '2', version: 2, freshFor: null });
    own.near.change({ key: 'a', entry: { value: '1', version: 1, freshFor: null } });
    expect(own.near.get('a')).toBeUndefined();
  });

  it.each([false, true])('has null as any other value (freeze: %j)', freeze => {
    const own = new Worker(new Backend(), freeze);
    own.near.reading('a')({ value: 'null', version: 1, freshFor: null });
    expect([own.near.get('a'), own.near.get('a')]).toEqual([null, null]);
    own.near.change({ key: 'a', entry: { value: '0', version: 2, freshFor: null } });
    expect([own.near.get('a'), own.near.get('a')]).toEqual([0, 0]);
    own.near.change({ key: 'a', entry: { value: 'null', version: 3, freshFor: null } });
    expect([own.near.get('a'), own.near.get('a')]).toEqual([null, null]);
  });

  it('does not live longer when the announcement of what was read arrives late', () => {
    const own = new Worker(new Backend(), false);
    own.near.reading('a')({ value: '1', version: 1, freshFor: 0.001 });
    own.near.change({ key: 'a', entry: { value: '1', version: 1, freshFor: 60_000 } });
    block(1);
    expect(own.near.get('a')).toBeUndefined();
  });

  it.each([0, 1])(
    'keeps no copy of an entry that changed while it was read, followed by many others (%i before)',
    before => {
      const own = new Worker(new Backend(), false);
      for (let change = 0; change < before; change++) {
        own.near.change({ key: 'a' });
      }
      const keep = own.near.reading('a');
      for (let other = 0; other < 1_000 * before; other++) {
        own.near.change({ key: `before-${other}` });
      }
      own.near.change({ key: 'a' });
      for (let other = 0; other < 1_000 * (1 - before); other++) {
        own.near.change({ key: `after-${other}` });
      }
      expect(keep({ value: '1', version: 1, freshFor: null })).toBe(1);
      expect(own.near.get('a')).toBeUndefined();
    },
  );
});
