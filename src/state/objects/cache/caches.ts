import type { Logger } from '@nestjs/common';
import { CACHE_RULES, checkName, NEAR_CACHE_RULES, stateInput } from '../../state.validation.js';
import type { CacheOptions } from './cache-options.interface.js';
import { NearCache } from './near-cache.js';
import { ReloadLog } from './reload-log.js';
import { SharedFeed } from './shared-feed.js';
import { type CacheParts, StateCache } from './state-cache.js';

/** The default maximum number of entries of a cache, and of copies in a near cache. */
const CACHE_ENTRIES = 10_000;
const NEAR_ENTRIES = 1_000;

/**
 * The caches of this worker, with one near cache for each name, and the feed of changes that the near caches share.
 *
 * @internal
 */
export class Caches {
  readonly feed: SharedFeed;
  readonly #nearCaches = new Map<string, NearCache>();
  readonly #reloadLog: ReloadLog;

  constructor(
    private readonly parts: Pick<CacheParts, 'client' | 'flights' | 'maxValueBytes'>,
    logger: Pick<Logger, 'warn'>,
  ) {
    this.#reloadLog = new ReloadLog(logger);
    this.feed = new SharedFeed(parts.client);
  }

  /** @throws StateInputError for an invalid name or option */
  open<T>(name: string, options: CacheOptions): StateCache<T> {
    checkName(name, 'The name of a cache');
    const {
      near,
      maxEntries = CACHE_ENTRIES,
      ...limits
    } = stateInput.options(CACHE_RULES, 'the cache', name, options);
    return new StateCache<T>(name, {
      ...this.parts,
      ...limits,
      maxEntries,
      feed: this.feed,
      reloadLog: this.#reloadLog,
      near: near ? this.#nearCache(name, near) : undefined,
    });
  }

  #nearCache(name: string, near: true | object): NearCache {
    const { maxEntries = NEAR_ENTRIES, freeze = false } = stateInput.options(
      NEAR_CACHE_RULES,
      'the near cache',
      name,
      near === true ? {} : near,
    );
    let known = this.#nearCaches.get(name);
    if (!known) {
      known = new NearCache(name, maxEntries, freeze, this.feed);
      this.#nearCaches.set(name, known);
    }
    return known;
  }
}
