import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

const MICROSECONDS = 1_000;

/** The highest latency that is recorded, in microseconds: one hour. Longer latencies count as this one. */
const HIGHEST = 3_600_000_000;

/** @internal */
export interface Percentiles {
  readonly count: number;
  /** Milliseconds, with three significant digits; missing if nothing was measured. */
  readonly p50?: number;
  readonly p99?: number;
}

/** Collects latencies in constant memory. @internal */
export class Latencies {
  #histogram: RecordableHistogram | undefined;

  add(milliseconds: number): void {
    this.#histogram ??= createHistogram({ lowest: 1, highest: HIGHEST, figures: 3 });
    const microseconds = Math.round(milliseconds * MICROSECONDS);
    this.#histogram.record(Math.min(Math.max(1, microseconds), HIGHEST));
  }

  percentiles(): Percentiles {
    const histogram = this.#histogram;
    if (!histogram) {
      return { count: 0 };
    }
    const at = (share: number): number => histogram.percentile(share) / MICROSECONDS;
    return { count: histogram.count, p50: at(50), p99: at(99) };
  }
}
