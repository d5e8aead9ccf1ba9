/** Options of `SharedState.cache()`. @publicApi */
export interface CacheOptions {
  /** Milliseconds after which an entry expires, unless `set()` or `wrap()` have another time. @defaultValue never */
  readonly ttl?: number | undefined;
  /** The maximum number of entries. When it is exceeded, the least recently used ones are removed. @defaultValue 10000 */
  readonly maxEntries?: number | undefined;
  /** The maximum size of all keys and values in bytes. @defaultValue no limit */
  readonly maxBytes?: number | undefined;
  /**
   * Whether each worker keeps copies of the entries that it reads. A change in any worker removes the copies in all of
   * them. @defaultValue false
   */
  readonly near?: boolean | NearCacheOptions | undefined;
}

/** Options of a near cache. @publicApi */
export interface NearCacheOptions {
  /** The maximum number of copies in one worker. @defaultValue 1000 */
  readonly maxEntries?: number | undefined;
  /**
   * Whether a hit returns the same frozen object each time, instead of a fresh copy. This is faster. @defaultValue
   * false
   */
  readonly freeze?: boolean | undefined;
}

/** Options of `StateCache.set()`. @publicApi */
export interface CacheSetOptions {
  /** Milliseconds after which the entry expires. @defaultValue `ttl` of the cache */
  readonly ttl?: number | undefined;
}

/** Options of `StateCache.wrap()`. @publicApi */
export interface CacheWrapOptions extends CacheSetOptions {
  /**
   * Milliseconds after its expiry for which the old value is returned at once, while one worker loads a new one.
   * @defaultValue 0
   */
  readonly stale?: number | undefined;
  /** Milliseconds to wait for the load of another caller. @defaultValue 30000 */
  readonly wait?: number | undefined;
}
