import { RecentMap } from '../../../system/collections/recent-map.js';
import { monotonicNow } from '../../../system/time/monotonic-now.js';
import type { CacheChange, CacheFeed, CarriedEntry } from './cache-feed.interface.js';

/** The maximum age of a copy in milliseconds, also without a change. */
const MAX_AGE = 60_000;

/** The maximum number of keys of which the last change is known. */
const MAX_CHANGES = 1_000;

interface Copy {
  /** The JSON text; empty when there is a frozen value. */
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
  /** Counts the changes, which may make values that are being read outdated. */
  #changes = 0;
  /** The number of the last change of all entries. */
  #cleared = 0;
  /** The numbers of the last changes by key. */
  readonly #changed = new RecentMap<string, number>(MAX_CHANGES);

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
    if (!this.freezes) {
      return JSON.parse(copy.text);
    }
    if (copy.value === undefined) {
      copy.value = frozen(copy.text);
      copy.text = '';
    }
    return copy.value;
  }

  /**
   * Begins to read a key from the backend. The returned function stores what was read, unless the key has changed in the
   * meantime. It returns the value.
   */
  reading(key: string): (entry: CarriedEntry) => unknown {
    const begin = this.#changes;
    const { isLive } = this.feed;
    return entry => {
      const copy = this.#copies.get(key);
      const isCurrent =
        isLive &&
        this.feed.isLive &&
        !this.#hasChanged(key, begin) &&
        !(copy && copy.version > entry.version);
      const value: unknown = this.freezes ? frozen(entry.value) : JSON.parse(entry.value);
      if (isCurrent) {
        const until = endOf(entry);
        const { version } = entry;
        this.#copies.set(
          key,
          this.freezes
            ? { text: '', value, version, until }
            : { text: entry.value, value: undefined, version, until },
        );
      } else if (copy && copy.version < entry.version) {
        // Who has read the later entry must not read the earlier one again.
        this.change({ key });
      }
      return value;
    };
  }

  /**
   * Takes over a change. A new entry only replaces a copy that there is. Without one, the change may be older than
   * another that has removed the copy.
   */
  change({ key, entry }: CacheChange): void {
    this.#changes++;
    if (key === undefined) {
      this.#cleared = this.#changes;
      this.#copies.clear();
      this.#changed.clear();
      return;
    }
    this.#changed.set(key, this.#changes);
    const copy = this.#copies.get(key);
    if (!copy || !entry || entry.version < copy.version) {
      // An earlier version may have been overtaken, or the server may have forgotten the later one: the next read tells.
      this.#copies.delete(key);
    } else if (entry.version > copy.version) {
      copy.text = entry.value;
      copy.value = undefined;
      copy.version = entry.version;
      copy.until = endOf(entry);
    }
  }

  /** Returns whether a key may have changed after the change with the number `begin`. */
  #hasChanged(key: string, begin: number): boolean {
    return (
      this.#cleared > begin ||
      Number(this.#changed.get(key)) > begin ||
      // The change of this key may be forgotten.
      this.#changes - begin > MAX_CHANGES
    );
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
