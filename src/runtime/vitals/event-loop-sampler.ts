import { performance } from 'node:perf_hooks';

/** Milliseconds between samples. More frequent samples cost more, and shorter delays are harmless. @internal */
export const SAMPLE_MILLISECONDS = 20;

/** The number of samples that an idle process leaves out for each one that it takes: all of them would be on time. */
const LEFT_OUT_WHEN_IDLE = 4;

/** The share of the time for which an event loop may be busy and counts as idle. */
const IDLE = 0.1;

/**
 * @param late the delay of the sample in ms
 * @param leftOut the number of samples before it that were left out, because the event loop was idle
 * @internal
 */
export type SampleListener = (late: number, leftOut: number) => void;

/**
 * Samples the delay of this process's event loop: by how many milliseconds a timer is late. All listeners share one
 * timer, which runs only while there are listeners. An idle process takes fewer samples, so that it does not wake up as
 * often.
 *
 * Node's own histogram for this loses the sample that follows a reset; if the event loop is blocked again and again,
 * it loses all of them. https://github.com/nodejs/node/blob/main/src/histogram.cc (`IntervalHistogram`,
 * `RecordDelta`)
 *
 * @internal
 */
export class EventLoopSampler {
  readonly #listeners = new Set<SampleListener>();
  #timer: NodeJS.Timeout | undefined;
  #last = 0;
  #active = 0;
  #leftOut = 0;

  /** The delay in ms of the oldest sample that is due but was not taken yet. */
  get lateness(): number {
    return this.#overdue().late;
  }

  /** Calls `listener` with the delay in ms of every sample, until the returned function is called. */
  listen(listener: SampleListener): () => void {
    this.#listeners.add(listener);
    if (!this.#timer) {
      this.#leftOut = 0;
      this.#next();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        clearTimeout(this.#timer);
        this.#timer = undefined;
      }
    };
  }

  /** Discards the delay until now. */
  restart(): void {
    this.#last = performance.now();
    this.#active = performance.eventLoopUtilization().active;
  }

  /** Milliseconds from the last sample to the next one. */
  get #interval(): number {
    return SAMPLE_MILLISECONDS * (1 + this.#leftOut);
  }

  /** Milliseconds for which the event loop has been busy since the last sample. */
  get #busy(): number {
    return performance.eventLoopUtilization().active - this.#active;
  }

  #next(): void {
    this.restart();
    this.#timer = setTimeout(() => this.#sample(), this.#interval).unref();
  }

  #sample(): void {
    const { late, leftOut } = this.#overdue();
    const isIdle = this.#busy < IDLE * (performance.now() - this.#last);
    this.#leftOut = isIdle ? LEFT_OUT_WHEN_IDLE : 0;
    this.#next();
    this.#listeners.forEach(listener => listener(late, leftOut));
  }

  /**
   * Returns the delay of the sample that is due now, and the number of samples that were left out before it. A block
   * may have begun before this sample was due. Then samples that were left out would have been late, too: the delay is
   * that of the oldest of them.
   */
  #overdue(): { readonly late: number; readonly leftOut: number } {
    const late = this.#timer ? performance.now() - this.#last - this.#interval : 0;
    if (late < SAMPLE_MILLISECONDS) {
      return { late: Math.max(0, late), leftOut: this.#leftOut };
    }
    const before = Math.floor((this.#busy - late) / SAMPLE_MILLISECONDS);
    const alsoLate = Math.min(Math.max(0, before), this.#leftOut);
    return { late: late + alsoLate * SAMPLE_MILLISECONDS, leftOut: this.#leftOut - alsoLate };
  }
}
