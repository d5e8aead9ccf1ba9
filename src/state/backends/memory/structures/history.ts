import type { LogEntry } from '../../../operation.js';
import { BEGINNING, formatOffset, parseOffset } from '../../../offset.js';
import type { Group } from './consumer-group.js';

/** More characters at once would keep the primary from everybody else for too long. */
const MAX_CHARACTERS = 512 * 1024;

/** So many that are too old are dropped at once: an append must not wait for all of a long history. */
const MAX_AGED = 100;

/** An event as it is held. */
interface StoredEvent {
  readonly event: string;
  readonly at: number;
  /** What it takes in memory. */
  readonly bytes: number;
}

/** How much of a topic is kept, the newest event included. @internal */
export interface HistoryBounds {
  /** How many events. */
  readonly length: number;
  readonly bytes: number;
  /** What was appended before is too old. */
  readonly oldest: number;
}

/**
 * The events of one topic that are kept, and the groups that take them. Without its epoch nothing has
 * been appended yet.
 *
 * @internal
 */
export class History {
  readonly groups = new Map<string, Group>();
  /** By their numbers, which follow one another. */
  readonly #events = new Map<number, StoredEvent>();
  #bytes = 0;
  #epoch = 0;
  #last = 0;

  /** The number of the oldest event, and of the newest: one less while there is none. */
  get first(): number {
    return this.#last - this.#events.size + 1;
  }

  get last(): number {
    return this.#last;
  }

  get lastOffset(): string {
    return this.#last === 0 ? BEGINNING : this.offsetOf(this.#last);
  }

  offsetOf(n: number): string {
    return formatOffset({ epoch: this.#epoch, n });
  }

  /** The number at an offset; of another epoch, it is before all that is there, or after it. */
  numberOf(offset: string): number {
    const { epoch, n } = parseOffset(offset);
    if (epoch === this.#epoch) {
      return n;
    }
    return epoch < this.#epoch ? 0 : Infinity;
  }

  /**
   * @param stamp the epoch of a history that begins with it
   * @returns its offset
   */
  append(stored: StoredEvent, stamp: number): string {
    this.#epoch ||= stamp;
    this.#last++;
    this.#events.set(this.#last, stored);
    this.#bytes += stored.bytes;
    return this.offsetOf(this.#last);
  }

  /** How many of the oldest there is no more room for once another event of so many bytes is here. */
  dueFor(
    bytes: number,
    { length, bytes: maxBytes, oldest }: HistoryBounds,
  ): { readonly count: number; readonly bytes: number } {
    const { first } = this;
    const size = this.#events.size;
    let count = 0;
    let freed = 0;
    while (count < size) {
      const { at, bytes: own } = this.#events.get(first + count)!;
      const isTooMany = size - count + 1 > Math.max(1, length);
      const isTooMuch = this.#bytes - freed + bytes > maxBytes;
      const isTooOld = count < MAX_AGED && at < oldest;
      if (!isTooMany && !isTooMuch && !isTooOld) {
        break;
      }
      freed += own;
      count++;
    }
    return { count, bytes: freed };
  }

  /** Drops so many of the oldest. */
  drop(count: number): void {
    for (let dropped = 0; dropped < count; dropped++) {
      const { first } = this;
      this.#bytes -= this.#events.get(first)!.bytes;
      this.#events.delete(first);
    }
  }

  at(n: number): LogEntry {
    return [this.offsetOf(n), this.#events.get(n)!.event];
  }

  /** Of numbers that are there, as many events as can be borne at once, and one at least. */
  take(numbers: Iterable<number>, count: number): LogEntry[] {
    const entries: LogEntry[] = [];
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
