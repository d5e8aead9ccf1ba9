/** A change of a cache. @internal */
export interface CacheChange {
  /** The key that has changed; without it, any entry may have changed. */
  readonly key?: string;
  /** The new entry; without it, copies are dropped. */
  readonly entry?: CarriedEntry;
}

/** An entry on its way to copies. @internal */
export interface CarriedEntry {
  /** A JSON text. */
  readonly value: string;
  /** Milliseconds for which it is fresh; `null` for ever. */
  readonly freshFor: number | null;
  /** Greater than those of all earlier entries of this key. */
  readonly version: number;
}

/**
 * Tells all workers which entries of caches have changed.
 *
 * @internal
 */
export interface CacheFeed {
  /** Whether changes in other workers arrive now. */
  readonly isLive: boolean;
  /** Calls back for each change in another worker. */
  watch(cache: string, onChange: (change: CacheChange) => void): void;
  /** Announces a change. Resolves when the other workers are about to hear of it. Does not reject. */
  announce(cache: string, change: CacheChange): Promise<void>;
}
