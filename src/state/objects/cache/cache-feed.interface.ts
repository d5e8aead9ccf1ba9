/**
 * Tells all workers which entries of caches have changed.
 *
 * @internal
 */
export interface CacheFeed {
  /** Whether changes in other workers arrive now. */
  readonly isLive: boolean;
  /** Calls back for each change in another worker; without a key, any entry may have changed. */
  watch(cache: string, onChange: (key: string | undefined) => void): void;
  /** Announces a change. Resolves when the other workers are about to hear of it. Does not reject. */
  announce(cache: string, key: string | undefined): Promise<void>;
}
