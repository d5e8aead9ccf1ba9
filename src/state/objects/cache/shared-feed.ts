import { BusInputError } from '../../../model/errors/bus-input.error.js';
import type { StateClient } from '../../client/state-client.js';
import type { CacheChange, CacheFeed } from './cache-feed.interface.js';

/** The maximum number of changes that are published as one event. */
const MAX_TOGETHER = 100;

/** A change, with the name of the cache. @internal */
export interface NamedChange extends CacheChange {
  readonly cache: string;
}

/** Carries changes between the workers: the bus. @internal */
export interface CacheSource {
  /** Publishes changes to the other workers. */
  publish(changes: readonly NamedChange[]): Promise<void>;
  /**
   * Subscribes to the changes in other workers. Resolves when all later ones arrive.
   *
   * @param onGap called when changes were missed
   */
  subscribe(onChanges: (changes: readonly NamedChange[]) => void, onGap: () => void): Promise<void>;
}

/**
 * The changes of all caches of this worker. Subscribes when the first near cache is made.
 *
 * @internal
 */
export class SharedFeed implements CacheFeed {
  readonly #watchers = new Map<string, (change: CacheChange) => void>();
  #source: CacheSource | undefined;
  #isSubscribed = false;
  #isAsked = false;
  /** The changes of the next publication. */
  #news: NamedChange[] = [];
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

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

  watch(cache: string, onChange: (change: CacheChange) => void): void {
    this.#watchers.set(cache, onChange);
    this.#subscribe();
  }

  announce(cache: string, change: CacheChange): Promise<void> {
    this.#news.push({ cache, ...change });
    // Changes of the same turn are published together, and so are those during the publication before.
    this.#next ??= this.#last.then(() => this.#publish());
    this.#last = this.#next;
    return this.#next;
  }

  async #publish(): Promise<void> {
    this.#next = undefined;
    const news = this.#news;
    this.#news = [];
    while (news.length > 0) {
      await this.#send(news.splice(0, MAX_TOGETHER));
    }
  }

  async #send(changes: readonly NamedChange[]): Promise<void> {
    try {
      await this.#source?.publish(changes);
    } catch (error) {
      if (error instanceof BusInputError) {
        // They are longer than `bus.maxPayloadBytes`: other workers drop all copies of these caches.
        const caches = [...new Set(changes.map(({ cache }) => cache))];
        await this.#source?.publish(caches.map(cache => ({ cache }))).catch(() => {});
      }
      // Another lost announcement is a gap, which the others notice.
    }
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
        changes => changes.forEach(change => this.#watchers.get(change.cache)?.(change)),
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
    this.#watchers.forEach(onChange => onChange({}));
  }
}
