import type { LogEntry } from '../../../operation.js';
import { BEGINNING, formatOffset, parseOffset } from '../../../offset.js';
import type { Group } from './consumer-group.js';

/** The maximum characters of one read, so that it does not block the primary for too long. */
const MAX_CHARACTERS = 512 * 1024;

/** The maximum number of expired events that one append deletes, so that it does not take too long. */
const MAX_AGED = 100;

/** An event as it is stored. */
interface StoredEvent {
  readonly event: string;
  readonly at: number;
  /** Bytes of memory that it takes. */
  readonly bytes: number;
}

/** The limits of a topic log, including the newest event. @internal */
export interface HistoryBounds {
  /** The maximum number of events. */
  readonly length: number;
  readonly bytes: number;
  /** Events that were appended before this time are too old. */
  readonly oldest: number;
}

/**
 * The log of one topic, and the consumer groups that read it. It has no epoch until the first event is appended.
 *
 * @internal
 */
export class History {
  readonly groups = new Map<string, Group>();
  /** Events by number; the numbers are consecutive. */
  readonly #events = new Map<number, StoredEvent>();
  #bytes = 0;
  #epoch = 0;
  #last = 0;

  /** The number of the oldest event. Without events, the number of the next one. */
  get first(): number {
    return this.#last - this.#events.size + 1;
  }

  /** Number of stored events. */
  get size(): number {
    return this.#events.size;
  }

  /** Bytes of memory that the events take. */
  get bytes(): number {
    return this.#bytes;
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

  /** Returns the number of an offset. An offset of another epoch is before or after all events. */
  numberOf(offset: string): number {
    const { epoch, n } = parseOffset(offset);
    if (epoch === this.#epoch) {
      return n;
    }
    return epoch < this.#epoch ? 0 : Infinity;
  }

  /**
   * @param stamp the epoch, if this is the first event
   * @returns the offset of the event
   */
  append(stored: StoredEvent, stamp: number): string {
    this.#epoch ||= stamp;
    this.#last++;
    this.#events.set(this.#last, stored);
    this.#bytes += stored.bytes;
    return this.offsetOf(this.#last);
  }

  /** Returns how many of the oldest events must be deleted for another event of `bytes`. */
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

  /** Deletes the oldest events. */
  drop(count: number): void {
    for (let dropped = 0; dropped < count; dropped++) {
      const { first } = this;
      this.#bytes -= this.#events.get(first)!.bytes;
      this.#events.delete(first);
    }
  }

  has(n: number): boolean {
    return this.#events.has(n);
  }

  at(n: number): LogEntry {
    return [this.offsetOf(n), this.#events.get(n)!.event];
  }

  /** Returns the events of existing numbers, up to the size limit, but at least one. */
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

  /** Iterates over the existing numbers after `n`. */
  *after(n: number): Iterable<number> {
    for (let next = Math.max(n + 1, this.first); next <= this.#last; next++) {
      yield next;
    }
  }
}
