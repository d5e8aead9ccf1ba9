/** Milliseconds between the samples: finer ones cost more, and a delay below that harms nobody. */
const RESOLUTION = 20;

/**
 * By how much the event loop of this process is late: how much later than it should a timer comes.
 *
 * The histogram that Node has for this forgets, whenever it is reset, the sample after it; with an event loop
 * that is blocked again and again those are all there are.
 * https://github.com/nodejs/node/blob/main/src/histogram.cc (`IntervalHistogram`, `RecordDelta`)
 *
 * @internal
 */
export class EventLoopDelay {
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #count = 0;
  #sum = 0;
  #max = 0;

  constructor() {
    this.#timer = setInterval(() => this.#sample(), RESOLUTION).unref();
  }

  /** Milliseconds on average and at most since this was asked last. */
  take(): { readonly mean: number; readonly max: number } {
    // As late as it is by now, if the sample that would say so has yet to be taken.
    const late = Math.max(0, performance.now() - this.#last - RESOLUTION);
    const delay =
      this.#count === 0
        ? { mean: late, max: late }
        : { mean: this.#sum / this.#count, max: this.#max };
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
    return delay;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const now = performance.now();
    const late = Math.max(0, now - this.#last - RESOLUTION);
    this.#last = now;
    this.#count++;
    this.#sum += late;
    this.#max = Math.max(this.#max, late);
  }
}
