import type { EventLoopSampler } from './event-loop-sampler.js';

/**
 * Measures the delay of this process's event loop, from one reading to the next.
 *
 * @internal
 */
export class EventLoopDelay {
  /** Stops measuring. */
  readonly stop: () => void;
  #count = 0;
  #sum = 0;
  #max = 0;

  constructor(private readonly sampler: EventLoopSampler) {
    this.stop = sampler.listen(late => {
      this.#count++;
      this.#sum += late;
      this.#max = Math.max(this.#max, late);
    });
  }

  /** Returns the mean and the maximum delay in ms since the last call. */
  take(): { readonly mean: number; readonly max: number } {
    const late = this.sampler.lateness;
    const delay =
      this.#count === 0
        ? { mean: late, max: late }
        : { mean: this.#sum / this.#count, max: this.#max };
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
    return delay;
  }
}
