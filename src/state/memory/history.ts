import type { KeptEvent } from '../operation.js';
import { BEGINNING, formatPosition, parsePosition } from '../position.js';
import type { Group } from './group.js';

/** More characters at once would keep the primary from everybody else for too long. */
const MAX_CHARACTERS = 512 * 1024;

/** So many that are too old are dropped at once: an append must not wait for all of a long history. */
const MAX_AGED = 100;

/**
 * The events of one topic that are kept, and the groups that take them. Without its epoch nothing has
 * been appended yet.
 *
 * @internal
 */
export class History {
  readonly groups = new Map<string, Group>();
  /** By their numbers, which follow one another. */
  readonly #events = new Map<number, { readonly event: string; readonly at: number }>();
  #epoch = 0;
  #last = 0;

  /** The number of the oldest event, and of the newest: one less while there is none. */
  get first(): number {
    return this.#last - this.#events.size + 1;
  }

  get last(): number {
    return this.#last;
  }

  get lastPosition(): string {
    return this.#last === 0 ? BEGINNING : this.positionOf(this.#last);
  }

  positionOf(n: number): string {
    return formatPosition({ epoch: this.#epoch, n });
  }

  /** The number at a position; of another epoch, it is before all that is there, or after it. */
  numberOf(position: string): number {
    const { epoch, n } = parsePosition(position);
    if (epoch === this.#epoch) {
      return n;
    }
    return epoch < this.#epoch ? 0 : Infinity;
  }

  /**
   * @param stamp the epoch of a history that begins with it
   * @returns its position
   */
  append(event: string, now: number, stamp: number): string {
    this.#epoch ||= stamp;
    this.#last++;
    this.#events.set(this.#last, { event, at: now });
    return this.positionOf(this.#last);
  }

  /** Drops the oldest, until no more than so many are left, and those that are too old. The last one stays. */
  trim(keep: number, oldest: number): void {
    while (this.#events.size > Math.max(1, keep)) {
      this.#events.delete(this.first);
    }
    for (let aged = 0; aged < MAX_AGED && this.#events.size > 1; aged++) {
      if (this.#events.get(this.first)!.at >= oldest) {
        break;
      }
      this.#events.delete(this.first);
    }
  }

  at(n: number): KeptEvent {
    return [this.positionOf(n), this.#events.get(n)!.event];
  }

  /** Of numbers that are there, as many events as can be borne at once, and one at least. */
  take(numbers: Iterable<number>, count: number): KeptEvent[] {
    const entries: KeptEvent[] = [];
    let characters = 0;
    for (const n of numbers) {
      const entry = this.at(n);
      characters += entry[1].length;
      if (entries.length === count || (entries.length > 0 && characters > MAX_CHARACTERS)) {
        break;
      }
      entries.push(entry);
    }
    return entries;
  }

  /** The numbers after one, as far as they are there. */
  *after(n: number): Iterable<number> {
    for (let next = Math.max(n + 1, this.first); next <= this.#last; next++) {
      yield next;
    }
  }
}
