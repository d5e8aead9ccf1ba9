import { PARTITIONS, partitionOf } from '../partition.js';

/** An item of an {@link ExpiringMap}. @internal */
export interface Expiring {
  readonly key: string;
  /** Milliseconds since the epoch, `Infinity` for never. */
  expiresAt: number;
  /** The tick of the sweep that looks at it next; kept by the map. */
  sweptAt: number;
}

/** How often the sweep looks for what has expired. */
const TICK_MILLISECONDS = 1_000;

/** How long a sweep may keep the event loop at once. */
const SLICE_MILLISECONDS = 4;

/** Between looks at the clock. */
const SLICE_ITEMS = 128;

/**
 * A map whose items may have an end.
 *
 * Made for millions of them in a process that must not pause: many small maps instead of one, which
 * would stop everything while it grows; and instead of a timer for each item, a sweep in slices.
 *
 * @internal
 */
export class ExpiringMap<Item extends Expiring> {
  readonly #shards: (Map<string, Item> | undefined)[] = Array.from({ length: PARTITIONS });
  readonly #due = new Map<number, Item[]>();
  #timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #size = 0;

  /** Those that have expired and that no sweep has met yet included. */
  get size(): number {
    return this.#size;
  }

  get(key: string, now: number): Item | undefined {
    const item = this.#shards[partitionOf(key)]?.get(key);
    if (item && item.expiresAt <= now) {
      this.delete(item);
      return undefined;
    }
    return item;
  }

  add(item: Item): void {
    const partition = partitionOf(item.key);
    const shard = (this.#shards[partition] ??= new Map<string, Item>());
    this.#size += shard.has(item.key) ? 0 : 1;
    shard.set(item.key, item);
    this.expire(item, item.expiresAt);
  }

  delete({ key }: Item): void {
    if (this.#shards[partitionOf(key)]?.delete(key)) {
      this.#size--;
    }
  }

  /** Gives an item of this map another end. */
  expire(item: Item, expiresAt: number): void {
    item.expiresAt = expiresAt;
    // A sweep that comes too early finds out, and looks again when it is time.
    if (expiresAt !== Infinity && !(item.sweptAt <= tickOf(expiresAt))) {
      this.#schedule(item);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#shards.fill(undefined);
    this.#due.clear();
    this.#size = 0;
    this.#stop();
  }

  #schedule(item: Item): void {
    item.sweptAt = tickOf(item.expiresAt);
    const items = this.#due.get(item.sweptAt);
    if (items) {
      items.push(item);
    } else {
      this.#due.set(item.sweptAt, [item]);
    }
    this.#timer ??= setTimeout(this.#sweep, TICK_MILLISECONDS).unref();
  }

  readonly #sweep = (): void => {
    this.#timer = undefined;
    const until = performance.now() + SLICE_MILLISECONDS;
    const now = Date.now();
    for (const [tick, items] of this.#due) {
      if (tick * TICK_MILLISECONDS > now) {
        continue;
      }
      while (items.length > 0) {
        items.splice(-SLICE_ITEMS).forEach(item => this.#look(item, now));
        if (performance.now() > until) {
          this.#timer = setImmediate(this.#sweep).unref();
          return;
        }
      }
      this.#due.delete(tick);
    }
    if (this.#due.size > 0) {
      this.#timer = setTimeout(this.#sweep, TICK_MILLISECONDS).unref();
    }
  };

  #look(item: Item, now: number): void {
    item.sweptAt = Infinity;
    if (this.#shards[partitionOf(item.key)]?.get(item.key) !== item) {
      return;
    }
    if (item.expiresAt <= now) {
      this.delete(item);
    } else if (item.expiresAt !== Infinity) {
      this.#schedule(item);
    }
  }

  #stop(): void {
    clearTimeout(this.#timer as NodeJS.Timeout);
    clearImmediate(this.#timer as NodeJS.Immediate);
    this.#timer = undefined;
  }
}

/** The tick by whose time it has expired. */
function tickOf(expiresAt: number): number {
  return Math.ceil(expiresAt / TICK_MILLISECONDS);
}
