import { RecentMap } from '../../system/collections/recent-map.js';

/** The maximum number of streams; beyond it, the least recently used ones are dropped. */
const MAX_STREAMS = 10_000;

/** How arriving events compare with those that have arrived before. @internal */
export interface Arrival {
  /** Number of events missing just before them. */
  readonly missed: number;
  /** Number of events among them that have arrived before. */
  readonly known: number;
}

/**
 * Tracks the sequence numbers of streams of events: finds duplicates, and counts missing events.
 *
 * @internal
 */
export class SequenceTracker {
  readonly #last = new RecentMap<string, number>(MAX_STREAMS);

  /** Records the events `first` to `first + count - 1` of a stream. An unknown stream starts with them. */
  take(stream: string, first: number, count: number): Arrival {
    const last = this.#last.get(stream) ?? first - 1;
    const end = first + count - 1;
    this.#last.set(stream, Math.max(last, end));
    return {
      missed: Math.max(0, first - last - 1),
      known: Math.min(count, Math.max(0, last - first + 1)),
    };
  }

  /** Whether events of a stream have arrived. */
  knows(stream: string): boolean {
    return this.#last.get(stream) !== undefined;
  }

  /** Moves a stream forward to `last`. @returns how many events were missed */
  skip(stream: string, last: number, from: number): number {
    const before = this.#last.get(stream) ?? from;
    this.#last.set(stream, Math.max(before, last));
    return Math.max(0, last - before);
  }
}
