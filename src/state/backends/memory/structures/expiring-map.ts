import { MEMORY_CLOCK, type MemoryClock } from '../memory-clock.js';
import { PARTITIONS, partitionOf } from '../../../partition.js';
import { MemoryBudget } from '../memory-budget.js';

/** An item of an {@link ExpiringMap}. @internal */
export interface Expiring {
  readonly key: string;
  /** When it expires, in milliseconds of the map's clock; `Infinity` for never. */
  expiresAt: number;
  /** The items that are swept together with it, and when. Maintained by the map. */
  due: Due | undefined;
  /** Bytes of memory that it takes; changed by `resize()`. */
  bytes: number;
}

/** Items that a sweep checks together. @internal */
export interface Due {
  /** When the sweep checks them, in milliseconds of the map's clock. */
  readonly at: number;
  readonly items: Set<Expiring>;
}

/** Interval of the sweep. */
const TICK_MILLISECONDS = 1_000;

/**
 * The factor between the precisions of the timing wheel. Near expiries are recorded to the second, and more distant
 * ones less precisely, so that a sweep has few points in time to check. An imprecisely recorded item is checked
 * before its expiry, and recorded again.
 */
const COARSER = 64;

/** Three days, the lowest precision: expiries within ten years fall on 1,200 points in time. */
const COARSEST_MILLISECONDS = COARSER ** 3 * TICK_MILLISECONDS;

/** Maximum milliseconds for which one slice of a sweep may block the event loop. */
const SLICE_MILLISECONDS = 4;

/**
 * Items that are swept between two checks of the clock, and the size of a set, which stays small so that it never
 * pauses to grow.
 */
const DUE_ITEMS = 256;

/**
 * A map with items that may expire.
 *
 * Designed for millions of items in a process that must not pause. It uses many small maps, because one large map
 * would block the event loop while it grows. Instead of a timer for each item, it sweeps in slices with a
 * hierarchical timing wheel (Varghese and Lauck, 1987).
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
    /** Called for each item that has expired. */
    private readonly onExpired: (item: Item) => void = () => {},
  ) {}

  /** Number of items, including expired ones that no sweep has removed yet. */
  get size(): number {
    return this.#size;
  }

  /** Number of points in time that a sweep has to check. */
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

  /** Returns the keys of one of the {@link PARTITIONS} shards. */
  keysOf(shard: number, now: number): string[] {
    return [...(this.#shards[shard]?.values() ?? [])]
      .filter(({ expiresAt }) => expiresAt > now)
      .map(({ key }) => key);
  }

  /** Returns the items that have not expired. The map may change meanwhile. */
  *all(now: number): Iterable<Item> {
    for (const shard of this.#shards) {
      for (const item of shard?.values() ?? []) {
        if (item.expiresAt > now) {
          yield item;
        }
      }
    }
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

  /** Changes the size of an item of this map. */
  resize(item: Item, bytes: number): void {
    this.budget.add(bytes - item.bytes);
    item.bytes = bytes;
  }

  /** Changes the expiry of an item of this map. */
  expire(item: Item, expiresAt: number): void {
    item.expiresAt = expiresAt;
    // A sweep that comes too early reschedules the item.
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

  /** Removes an item from its sweep, so that a distant sweep does not keep it in memory. */
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

/** Returns when an expired item is swept, if its expiry is recorded precisely. */
function sweptAt(expiresAt: number): number {
  return Math.ceil(expiresAt / TICK_MILLISECONDS) * TICK_MILLISECONDS;
}

/** Returns when a sweep checks an item next. */
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
