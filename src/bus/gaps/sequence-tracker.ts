import { RecentMap } from '../../system/collections/recent-map.js';

/** Of more rows than this, those that were heard of the longest ago are forgotten. */
const MAX_STREAMS = 10_000;

/** What arrives, compared with what has arrived. @internal */
export interface Arrival {
  /** How many were missed just before. */
  readonly missed: number;
  /** How many of them have been there already. */
  readonly known: number;
}

/**
 * How far the rows of numbered events have arrived: what has been there already is told from what is
 * new, and what is missing is counted.
 *
 * @internal
 */
export class SequenceTracker {
  readonly #last = new RecentMap<string, number>(MAX_STREAMS);

  /** Events `first` to `first + count - 1` of a row. With the first that is heard of a row, it begins. */
  take(stream: string, first: number, count: number): Arrival {
    const last = this.#last.get(stream) ?? first - 1;
    const end = first + count - 1;
    this.#last.set(stream, Math.max(last, end));
    return {
      missed: Math.max(0, first - last - 1),
      known: Math.min(count, Math.max(0, last - first + 1)),
    };
  }

  /** Whether anything has been heard of a row. */
  knows(stream: string): boolean {
    return this.#last.get(stream) !== undefined;
  }

  /** The row has got so far without us; how many were missed. */
  skip(stream: string, last: number, from: number): number {
    const before = this.#last.get(stream) ?? from;
    this.#last.set(stream, Math.max(before, last));
    return Math.max(0, last - before);
  }
}
