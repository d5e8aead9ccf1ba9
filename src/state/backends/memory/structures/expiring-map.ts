import { MEMORY_CLOCK, type MemoryClock } from '../memory-clock.js';
import { PARTITIONS, partitionOf } from '../../../partition.js';
import { MemoryBudget } from '../memory-budget.js';

/** An item of an {@link ExpiringMap}. @internal */
export interface Expiring {
  readonly key: string;
  /** Milliseconds of the map's clock, `Infinity` for never. */
  expiresAt: number;
  /** The items that are swept together with it, and when; kept by the map. */
  due: Due | undefined;
  /** What it takes in memory; changed by `resize()`. */
  bytes: number;
}

/** Items that a sweep looks at together. @internal */
export interface Due {
  /** When the sweep looks at them, in milliseconds of the map's clock. */
  readonly at: number;
  readonly items: Set<Expiring>;
}

/** How often the sweep looks for what has expired. */
const TICK_MILLISECONDS = 1_000;

/**
 * The end of an item is noted to the second if it is near, and up to this many times less precisely the farther away
 * it is: there are few points in time at which a sweep has to look, whatever the ends are. What is noted less
 * precisely is looked at before its end, and noted again.
 */
const COARSER = 64;

/** Three days: what ends in ten years is noted at one of 1,200 points in time. */
const COARSEST_MILLISECONDS = COARSER ** 3 * TICK_MILLISECONDS;

/** How long a sweep may keep the event loop at once. */
const SLICE_MILLISECONDS = 4;

/** Items swept together: between looks at the clock, and in a set that never pauses to grow. */
const DUE_ITEMS = 256;

/**
 * A map whose items may have an end.
 *
 * Made for millions of them in a process that must not pause: many small maps instead of one, which
 * would stop everything while it grows; and instead of a timer for each item, a sweep in slices, with a hierarchical
 * timing wheel (Varghese and Lauck, 1987).
 *
 * @internal
 */
export class ExpiringMap<Item extends Expiring> {
  readonly #shards: (Map<string, Item> | undefined)[] = Array.from({ length: PARTITIONS });
  readonly #due = new Map<number, Due[]>();
  #timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #size = 0;

  constructor(
    private readonly clock: Pick<MemoryClock, 'now'> = MEMORY_CLOCK,
    readonly budget = new MemoryBudget(),
    /** Told of an item that has come to its end by itself. */
    private readonly onExpired: (item: Item) => void = () => {},
  ) {}

  /** Those that have expired and that no sweep has met yet included. */
  get size(): number {
    return this.#size;
  }

  /** At how many points in time a sweep is to look. */
  get pending(): number {
    return this.#due.size;
  }

  get(key: string, now: number): Item | undefined {
    const item = this.#shards[partitionOf(key)]?.get(key);
    if (item && item.expiresAt <= now) {
      this.#expired(item);
      return undefined;
    }
    return item;
  }

  add(item: Item): void {
    const partition = partitionOf(item.key);
    const shard = (this.#shards[partition] ??= new Map<string, Item>());
    const before = shard.get(item.key);
    if (before) {
      this.delete(before);
    }
    this.#size++;
    this.budget.add(item.bytes);
    shard.set(item.key, item);
    this.expire(item, item.expiresAt);
  }

  delete(item: Item): void {
    const shard = this.#shards[partitionOf(item.key)];
    if (shard?.get(item.key) === item) {
      shard.delete(item.key);
      this.#size--;
      this.budget.add(-item.bytes);
    }
    this.#unschedule(item);
  }

  /** An item of this map takes so many bytes from now on. */
  resize(item: Item, bytes: number): void {
    this.budget.add(bytes - item.bytes);
    item.bytes = bytes;
  }

  /** Gives an item of this map another end. */
  expire(item: Item, expiresAt: number): void {
    item.expiresAt = expiresAt;
    // A sweep that comes too early finds out, and looks again when it is time.
    if (expiresAt !== Infinity && !(item.due && item.due.at <= sweptAt(expiresAt))) {
      this.#schedule(item);
    }
  }

  #expired(item: Item): void {
    this.delete(item);
    this.onExpired(item);
  }

  #schedule(item: Item): void {
    this.#unschedule(item);
    const at = lookedAt(item.expiresAt, this.clock.now());
    const dues = this.#due.get(at) ?? [];
    let due = dues.at(-1);
    if (!due || due.items.size >= DUE_ITEMS) {
      due = { at, items: new Set() };
      dues.push(due);
      this.#due.set(at, dues);
    }
    due.items.add(item);
    item.due = due;
    if (!this.#timer) {
      this.#timer = setTimeout(this.#sweep, TICK_MILLISECONDS).unref();
    }
  }

  /** A sweep that is far away keeps nothing of it in memory. */
  #unschedule(item: Item): void {
    const { due } = item;
    item.due = undefined;
    if (!due?.items.delete(item) || due.items.size > 0) {
      return;
    }
    const dues = this.#due.get(due.at);
    const place = dues?.indexOf(due) ?? -1;
    if (place >= 0) {
      dues!.splice(place, 1);
    }
    if (dues?.length === 0) {
      this.#due.delete(due.at);
    }
  }

  readonly #sweep = (): void => {
    this.#timer = undefined;
    const until = performance.now() + SLICE_MILLISECONDS;
    const now = this.clock.now();
    for (const [at, dues] of this.#due) {
      if (at > now) {
        continue;
      }
      while (dues.length > 0) {
        this.#look(dues.pop()!, now);
        if (performance.now() > until) {
          this.#timer = setImmediate(this.#sweep).unref();
          return;
        }
      }
      this.#due.delete(at);
    }
    if (this.#due.size > 0) {
      this.#timer = setTimeout(this.#sweep, TICK_MILLISECONDS).unref();
    }
  };

  #look({ items }: Due, now: number): void {
    for (const item of items as Set<Item>) {
      item.due = undefined;
      if (item.expiresAt <= now) {
        this.#expired(item);
      } else if (item.expiresAt !== Infinity) {
        this.#schedule(item);
      }
    }
  }
}

/** When an item has expired and is swept, if it is noted precisely. */
function sweptAt(expiresAt: number): number {
  return Math.ceil(expiresAt / TICK_MILLISECONDS) * TICK_MILLISECONDS;
}

/** When a sweep looks at an item next. */
function lookedAt(expiresAt: number, now: number): number {
  const timeLeft = expiresAt - now;
  if (timeLeft < COARSER * TICK_MILLISECONDS) {
    return sweptAt(expiresAt);
  }
  let precision = COARSER * TICK_MILLISECONDS;
  while (timeLeft >= COARSER * precision && precision < COARSEST_MILLISECONDS) {
    precision *= COARSER;
  }
  return Math.floor(expiresAt / precision) * precision;
}
