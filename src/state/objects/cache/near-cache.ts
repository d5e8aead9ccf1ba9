import { RecentMap } from '../../../system/collections/recent-map.js';
import { monotonicNow } from '../../../system/time/monotonic-now.js';
import type { CacheChange, CacheFeed, CarriedEntry } from './cache-feed.interface.js';

/** The maximum age of a copy in milliseconds, also without a change. */
const MAX_AGE = 60_000;

interface Copy {
  text: string;
  /** The frozen value, with `freeze`, once it is needed. */
  value: unknown;
  /** The version of the entry: a copy never goes back to an earlier one. */
  version: number;
  /** When the copy expires, by {@link monotonicNow}. */
  until: number;
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
    feed.watch(name, change => this.change(change));
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
    return this.freezes ? (copy.value ??= frozen(copy.text)) : JSON.parse(copy.text);
  }

  /**
   * Begins to read a key from the backend. The returned function stores what was read, unless the key has changed in the
   * meantime. It returns the value.
   */
  reading(key: string): (entry: CarriedEntry) => unknown {
    const [changes, changed] = [this.#changes, this.#changed.get(key)];
    const { isLive } = this.feed;
    return entry => {
      const isCurrent =
        isLive &&
        this.feed.isLive &&
        changes === this.#changes &&
        changed === this.#changed.get(key) &&
        !(Number(this.#copies.get(key)?.version) > entry.version);
      const value: unknown = this.freezes ? frozen(entry.value) : JSON.parse(entry.value);
      if (isCurrent) {
        const until = endOf(entry);
        const { value: text, version } = entry;
        this.#copies.set(key, { text, value: this.freezes ? value : undefined, version, until });
      }
      return value;
    };
  }

  /**
   * Takes over a change. A new entry only replaces a copy that there is. Without one, the change may be older than
   * another that has removed the copy.
   */
  change({ key, entry }: CacheChange): void {
    if (key === undefined) {
      this.#changes++;
      this.#copies.clear();
      this.#changed.clear();
      return;
    }
    this.#changed.set(key, (this.#changed.get(key) ?? 0) + 1);
    const copy = this.#copies.get(key);
    if (!copy || !entry || entry.version < copy.version) {
      // An earlier version may have been overtaken, or the server may have forgotten the later one: the next read tells.
      this.#copies.delete(key);
    } else {
      copy.text = entry.value;
      copy.value = undefined;
      copy.version = entry.version;
      copy.until = endOf(entry);
    }
  }
}

/** Returns when a copy of an entry that has just arrived expires. */
function endOf({ freshFor }: CarriedEntry): number {
  return monotonicNow() + Math.min(freshFor ?? Infinity, MAX_AGE);
}

function frozen(text: string): unknown {
  const value: unknown = JSON.parse(text);
  deepFreeze(value);
  return value;
}

function deepFreeze(value: unknown): void {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
}
