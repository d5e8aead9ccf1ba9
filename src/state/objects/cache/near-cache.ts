import { RecentMap } from '../../../system/collections/recent-map.js';
import { monotonicNow } from '../../../system/time/monotonic-now.js';
import type { CacheFeed } from './cache-feed.interface.js';

/** The maximum age of a copy in milliseconds, also without a change. */
const MAX_AGE = 60_000;

interface Copy {
  readonly text: string;
  /** The frozen value, with `freeze`. */
  readonly value: unknown;
  /** When the copy expires, by {@link monotonicNow}. */
  readonly until: number;
}

/**
 * The copies of one cache in this worker. They are used only while changes in other workers are known to arrive.
 *
 * @internal
 */
export class NearCache {
  readonly #copies: RecentMap<string, Copy>;
  /** Counts what may have made values that are being read outdated. */
  #changes = 0;
  readonly #changed = new RecentMap<string, number>(1_000);

  constructor(
    name: string,
    max: number,
    private readonly freezes: boolean,
    private readonly feed: CacheFeed,
  ) {
    this.#copies = new RecentMap(max);
    feed.watch(name, key => this.#onChange(key));
  }

  /** Returns a copy of the value of a key, or `undefined`. */
  get(key: string): unknown {
    const copy = this.#copies.get(key);
    if (!copy || !this.feed.isLive) {
      return undefined;
    }
    if (copy.until <= monotonicNow()) {
      this.#copies.delete(key);
      return undefined;
    }
    return this.freezes ? copy.value : (JSON.parse(copy.text) as unknown);
  }

  /**
   * Begins to read a key from the backend. The returned function stores what was read, unless the key has changed in the
   * meantime.
   */
  reading(key: string): (text: string, freshFor: number) => unknown {
    const [changes, changed] = [this.#changes, this.#changed.get(key)];
    const { isLive } = this.feed;
    return (text, freshFor) => {
      const value: unknown = JSON.parse(text);
      const isCurrent =
        isLive &&
        this.feed.isLive &&
        changes === this.#changes &&
        changed === this.#changed.get(key);
      if (this.freezes) {
        deepFreeze(value);
      }
      if (isCurrent && freshFor > 0) {
        const until = monotonicNow() + Math.min(freshFor, MAX_AGE);
        this.#copies.set(key, {
          text: this.freezes ? '' : text,
          value: this.freezes && value,
          until,
        });
      }
      return value;
    };
  }

  /** Removes the copies of a key, or all. */
  forget(key: string | undefined): void {
    this.#onChange(key);
  }

  #onChange(key: string | undefined): void {
    if (key === undefined) {
      this.#changes++;
      this.#copies.clear();
      this.#changed.clear();
    } else {
      this.#changed.set(key, (this.#changed.get(key) ?? 0) + 1);
      this.#copies.delete(key);
    }
  }
}

function deepFreeze(value: unknown): void {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
}
