import type { StateClient } from '../../client/state-client.js';
import type { CacheFeed } from './cache-feed.interface.js';

/** A change of a cache; without a key, any entry may have changed. @internal */
export interface CacheChange {
  readonly cache: string;
  readonly key?: string;
}

/** Carries changes between the workers: the bus. @internal */
export interface CacheSource {
  /** Publishes a change to the other workers. */
  publish(change: CacheChange): Promise<void>;
  /**
   * Subscribes to the changes in other workers. Resolves when all later ones arrive.
   *
   * @param onGap called when changes were missed
   */
  subscribe(onChange: (change: CacheChange) => void, onGap: () => void): Promise<void>;
}

/**
 * The changes of all caches of this worker. Subscribes when the first near cache is made.
 *
 * @internal
 */
export class SharedFeed implements CacheFeed {
  readonly #watchers = new Map<string, (key: string | undefined) => void>();
  #source: CacheSource | undefined;
  #isSubscribed = false;
  #isAsked = false;

  constructor(private readonly client: StateClient) {
    // While the backend was unavailable, changes were missed.
    client.observe({ onAvailable: () => this.#forgetAll() });
  }

  set source(source: CacheSource) {
    this.#source = source;
    this.#subscribe();
  }

  /** Events arrive over the same way as the answers of the backend. While that is cut, no copy is used. */
  get isLive(): boolean {
    return this.#isSubscribed && this.client.executor.unavailableSince === undefined;
  }

  watch(cache: string, onChange: (key: string | undefined) => void): void {
    this.#watchers.set(cache, onChange);
    this.#subscribe();
  }

  async announce(cache: string, key: string | undefined): Promise<void> {
    // A lost announcement is a gap, which the others notice.
    await this.#source?.publish({ cache, ...(key !== undefined && { key }) }).catch(() => {});
  }

  #subscribe(): void {
    if (this.#source && this.#watchers.size > 0 && !this.#isAsked) {
      this.#isAsked = true;
      void this.#listen(this.#source);
    }
  }

  async #listen(source: CacheSource): Promise<void> {
    try {
      await source.subscribe(
        ({ cache, key }) => this.#watchers.get(cache)?.(key),
        () => this.#forgetAll(),
      );
      this.#forgetAll();
      this.#isSubscribed = true;
    } catch {
      // The next near cache asks again.
      this.#isAsked = false;
    }
  }

  #forgetAll(): void {
    this.#watchers.forEach(onChange => onChange(undefined));
  }
}
