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

  /** The delay in ms of the sample that is due but was not taken yet. */
  get lateness(): number {
    return this.#timer ? Math.max(0, performance.now() - this.#last - this.#interval) : 0;
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
  }

  /** Milliseconds from the last sample to the next one. */
  get #interval(): number {
    return SAMPLE_MILLISECONDS * (1 + this.#leftOut);
  }

  #next(): void {
    this.#last = performance.now();
    this.#active = performance.eventLoopUtilization().active;
    this.#timer = setTimeout(() => this.#sample(), this.#interval).unref();
  }

  #sample(): void {
    const late = this.lateness;
    const leftOut = this.#leftOut;
    const active = performance.eventLoopUtilization().active - this.#active;
    this.#leftOut = active < IDLE * (this.#interval + late) ? LEFT_OUT_WHEN_IDLE : 0;
    this.#next();
    this.#listeners.forEach(listener => listener(late, leftOut));
  }
}
