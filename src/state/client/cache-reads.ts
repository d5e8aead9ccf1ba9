import { RecentMap } from '../../system/collections/recent-map.js';

/** The maximum number of caches; beyond it, the oldest ones are dropped, and are counted from 0 again. */
const MAX_CACHES = 1_000;

/** Reads of a cache that found an entry, and that found none. @internal */
export interface CacheReadCounter {
  hits: number;
  misses: number;
}

/** Counts the reads of the caches of one application. @internal */
export class CacheReads {
  readonly #counters = new RecentMap<string, CacheReadCounter>(MAX_CACHES);

  /** Returns the counter of a cache. */
  of(cache: string): CacheReadCounter {
    let counter = this.#counters.get(cache);
    if (!counter) {
      counter = { hits: 0, misses: 0 };
      this.#counters.set(cache, counter);
    }
    return counter;
  }

  entries(): IterableIterator<[cache: string, counter: CacheReadCounter]> {
    return this.#counters.entries();
  }
}
