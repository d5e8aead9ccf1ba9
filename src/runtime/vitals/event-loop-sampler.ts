/** Milliseconds between samples. More frequent samples cost more, and shorter delays are harmless. @internal */
export const SAMPLE_MILLISECONDS = 20;

/**
 * Samples the delay of this process's event loop: by how many milliseconds a timer is late. All listeners share one
 * timer, which runs only while there are listeners.
 *
 * Node's own histogram for this loses the sample that follows a reset; if the event loop is blocked again and again,
 * it loses all of them. https://github.com/nodejs/node/blob/main/src/histogram.cc (`IntervalHistogram`,
 * `RecordDelta`)
 *
 * @internal
 */
export class EventLoopSampler {
  readonly #listeners = new Set<(late: number) => void>();
  #timer: NodeJS.Timeout | undefined;
  #last = 0;

  /** The delay in ms of the sample that is due but was not taken yet. */
  get lateness(): number {
    return this.#timer ? Math.max(0, performance.now() - this.#last - SAMPLE_MILLISECONDS) : 0;
  }

  /** Calls `listener` with the delay in ms of every sample, until the returned function is called. */
  listen(listener: (late: number) => void): () => void {
    this.#listeners.add(listener);
    if (!this.#timer) {
      this.#last = performance.now();
      this.#timer = setInterval(() => this.#sample(), SAMPLE_MILLISECONDS).unref();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    };
  }

  /** Discards the delay until now. */
  restart(): void {
    this.#last = performance.now();
  }

  #sample(): void {
    const late = this.lateness;
    this.#last = performance.now();
    this.#listeners.forEach(listener => listener(late));
  }
}
