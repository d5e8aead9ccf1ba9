import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between the samples: finer ones cost more, and a delay below that harms nobody. */
const RESOLUTION = 20;

const NANOSECONDS_PER_MILLISECOND = 1e6;

/**
 * By how much the event loop of this process is late.
 * https://nodejs.org/api/perf_hooks.html#perf_hooksmonitoreventloopdelayoptions
 *
 * @internal
 */
export class EventLoopDelay {
  readonly #samples: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION });

  start(): void {
    this.#samples.enable();
  }

  /** Milliseconds on average and at most since this was asked last. */
  take(): { readonly mean: number; readonly max: number } {
    const { mean, max, count } = this.#samples;
    this.#samples.reset();
    // Without a sample, the loop was busy for less than it takes until the first.
    return count === 0 ? { mean: 0, max: 0 } : { mean: lateness(mean), max: lateness(max) };
  }

  stop(): void {
    this.#samples.disable();
  }
}

/** A sample is the time since the one before, and so has the resolution in it. */
function lateness(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS_PER_MILLISECOND - RESOLUTION);
}
