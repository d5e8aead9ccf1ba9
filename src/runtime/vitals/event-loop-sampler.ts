/** Milliseconds between the samples: finer ones cost more, and a delay below that harms nobody. @internal */
export const SAMPLE_MILLISECONDS = 20;

/**
 * Sees by how much the event loop of this process is late: how much later than it should a timer comes. One
 * timer, for all who want to know, and none when nobody does.
 *
 * The histogram that Node has for this forgets, whenever it is reset, the sample after it; with an event loop
 * that is blocked again and again those are all there are.
 * https://github.com/nodejs/node/blob/main/src/histogram.cc (`IntervalHistogram`, `RecordDelta`)
 *
 * @internal
 */
export class EventLoopSampler {
  readonly #listeners = new Set<(late: number) => void>();
  #timer: NodeJS.Timeout | undefined;
  #last = 0;

  /** Milliseconds by which it is late by now, if the sample that would say so has yet to be taken. */
  get lateness(): number {
    return this.#timer ? Math.max(0, performance.now() - this.#last - SAMPLE_MILLISECONDS) : 0;
  }

  /** Tells every sample, in milliseconds, until the answer is called. */
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

  /** What has blocked the event loop until now does not count. */
  restart(): void {
    this.#last = performance.now();
  }

  #sample(): void {
    const late = this.lateness;
    this.#last = performance.now();
    this.#listeners.forEach(listener => listener(late));
  }
}
