import { createHistogram, type EventLoopUtilization, performance } from 'node:perf_hooks';
import { type EventLoopSampler, SAMPLE_MILLISECONDS } from './event-loop-sampler.js';

/** Milliseconds of one slice. Readings cover the last one to two slices. */
const SLICE_MILLISECONDS = 5_000;

/** Longer delays are counted as this many milliseconds. */
const MAX_LATENESS = 60_000;

const MICROSECONDS = 1_000;

/** Two significant figures are precise enough, and take a tenth of the memory of three. */
const HISTOGRAM = { lowest: 1, highest: MAX_LATENESS * MICROSECONDS, figures: 2 };

/**
 * Measures the delay and utilization of this process's event loop in the last seconds.
 *
 * An event loop that was blocked for two seconds produces one late sample instead of a hundred, although everything
 * else in that time was late, too. So the missing samples are recorded as well, each with the delay that it would
 * have had. Otherwise a single block would never affect the 99th percentile. HdrHistogram does the same:
 * https://hdrhistogram.github.io/HdrHistogram/JavaDoc/org/HdrHistogram/Histogram.html
 * (`recordValueWithExpectedInterval`)
 *
 * @internal
 */
export class EventLoopWindow {
  /** Stops measuring. */
  readonly stop: () => void;
  #slice = newSlice();
  #former = this.#slice;

  constructor(private readonly sampler: EventLoopSampler) {
    this.stop = sampler.listen((late, leftOut) => {
      if (performance.now() - this.#slice.beganAt > SLICE_MILLISECONDS) {
        this.#former = this.#slice;
        this.#slice = newSlice();
      }
      record(this.#slice.delays, late);
      for (let sample = 0; sample < leftOut; sample++) {
        record(this.#slice.delays, 0);
      }
    });
  }

  /** Discards all measurements. */
  restart(): void {
    this.#slice = newSlice();
    this.#former = this.#slice;
  }

  /** The 99th percentile of the delay in ms. */
  get delayP99(): number {
    const delays = createHistogram(HISTOGRAM);
    delays.add(this.#slice.delays);
    if (this.#former !== this.#slice) {
      delays.add(this.#former.delays);
    }
    record(delays, this.sampler.lateness);
    return delays.percentile(99) / MICROSECONDS;
  }

  /**
   * The share of the time in which the event loop was busy, 0 to 1. It says nothing about a process that has just
   * booted.
   */
  get utilization(): number {
    const { active, idle } = performance.eventLoopUtilization(this.#former.usage);
    return active / Math.max(active + idle, SLICE_MILLISECONDS);
  }
}

type Histogram = ReturnType<typeof createHistogram>;

interface Slice {
  readonly beganAt: number;
  readonly delays: Histogram;
  readonly usage: EventLoopUtilization;
}

function newSlice(): Slice {
  return {
    beganAt: performance.now(),
    delays: createHistogram(HISTOGRAM),
    usage: performance.eventLoopUtilization(),
  };
}

function record(delays: Histogram, late: number): void {
  let value = Math.min(late, MAX_LATENESS);
  do {
    delays.record(Math.max(1, Math.round(value * MICROSECONDS)));
    value -= SAMPLE_MILLISECONDS;
  } while (value > 0);
}
