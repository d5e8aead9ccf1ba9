/** @internal */
export interface Percentiles {
  readonly count: number;
  /** Milliseconds; missing if nothing was measured. */
  readonly p50?: number;
  readonly p99?: number;
}

/** Collects latencies. @internal */
export class Latencies {
  readonly #milliseconds: number[] = [];

  add(milliseconds: number): void {
    this.#milliseconds.push(milliseconds);
  }

  percentiles(): Percentiles {
    const sorted = this.#milliseconds.toSorted((a, b) => a - b);
    const count = sorted.length;
    const at = (share: number): number => sorted[Math.ceil(count * share) - 1] ?? NaN;
    return count === 0 ? { count } : { count, p50: at(0.5), p99: at(0.99) };
  }
}
