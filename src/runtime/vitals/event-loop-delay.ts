import type { EventLoopSampler } from './event-loop-sampler.js';

/**
 * By how much the event loop of this process is late, from one time it is asked to the next.
 *
 * @internal
 */
export class EventLoopDelay {
  /** Ends it. */
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

  /** Milliseconds on average and at most since this was asked last. */
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
