import { BusInputError } from '../../../model/errors/bus-input.error.js';
import { monotonicNow } from '../../../system/time/monotonic-now.js';
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
  subscribe(
    onChanges: (changes: NamedChange | readonly NamedChange[]) => void,
    onGap: () => void,
  ): Promise<void>;
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
  /** The changes of the next publication, with the times of their announcement. */
  #news: (readonly [change: NamedChange, at: number])[] = [];
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
    this.#news.push([{ cache, ...change }, monotonicNow()]);
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
      const now = monotonicNow();
      await this.#send(news.splice(0, MAX_TOGETHER).map(([change, at]) => aged(change, now - at)));
    }
  }

  async #send(changes: readonly NamedChange[]): Promise<void> {
    try {
      await this.#source?.publish(changes);
    } catch (error) {
      if (error instanceof BusInputError) {
        for (const part of shorter(changes)) {
          await this.#send(part);
        }
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
        // Earlier versions publish each change alone.
        changes => [changes].flat().forEach(change => this.#watchers.get(change.cache)?.(change)),
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

/** Subtracts the time that a change has waited, in milliseconds, from the time for which its entry is fresh. */
function aged(change: NamedChange, waited: number): NamedChange {
  const { entry } = change;
  if (typeof entry?.freshFor !== 'number') {
    return change;
  }
  const freshFor = Math.max(0, entry.freshFor - Math.ceil(waited));
  return { ...change, entry: { ...entry, freshFor } };
}

/**
 * Returns what is published instead of changes that are longer than `bus.maxPayloadBytes`: the changes in two parts, the
 * change without its entry, or that any entry may have changed.
 */
function shorter(changes: readonly NamedChange[]): (readonly NamedChange[])[] {
  const [first, ...others] = changes;
  if (!first || others.length > 0) {
    const half = Math.ceil(changes.length / 2);
    return [changes.slice(0, half), changes.slice(half)];
  }
  const { cache, key, entry } = first;
  if (key === undefined) {
    return [];
  }
  return [[entry ? { cache, key } : { cache }]];
}
