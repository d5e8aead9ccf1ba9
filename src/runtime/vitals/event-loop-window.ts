import { createHistogram, type EventLoopUtilization, performance } from 'node:perf_hooks';
import { type EventLoopSampler, SAMPLE_MILLISECONDS } from './event-loop-sampler.js';

/** What is told is of the last one to two of these. */
const SLICE_MILLISECONDS = 5_000;

/** Whatever is later than that is that late. */
const MAX_LATENESS = 60_000;

const MICROSECONDS = 1_000;

/** Two figures are enough to judge by, and a tenth of the memory that three would take. */
const HISTOGRAM = { lowest: 1, highest: MAX_LATENESS * MICROSECONDS, figures: 2 };

/**
 * How the event loop of this process has been doing of late.
 *
 * An event loop that was blocked for two seconds gives one late sample in the place of a hundred: whatever
 * else happens in that time is late, too. So those that could not be taken are put down as well, each as late
 * as it would have been; of the 99th percentile one block would otherwise never be part. HdrHistogram does the
 * same: https://hdrhistogram.github.io/HdrHistogram/JavaDoc/org/HdrHistogram/Histogram.html
 * (`recordValueWithExpectedInterval`)
 *
 * @internal
 */
export class EventLoopWindow {
  /** Ends it. */
  readonly stop: () => void;
  #slice = newSlice();
  #former = this.#slice;

  constructor(private readonly sampler: EventLoopSampler) {
    this.stop = sampler.listen(late => {
      if (performance.now() - this.#slice.beganAt > SLICE_MILLISECONDS) {
        this.#former = this.#slice;
        this.#slice = newSlice();
      }
      record(this.#slice.delays, late);
    });
  }

  /** Forgets what was before. */
  restart(): void {
    this.#slice = newSlice();
    this.#former = this.#slice;
  }

  /** Milliseconds by which it was late: 99 of 100 timers were not later. */
  get delayP99(): number {
    const delays = createHistogram(HISTOGRAM);
    delays.add(this.#slice.delays);
    if (this.#former !== this.#slice) {
      delays.add(this.#former.delays);
    }
    record(delays, this.sampler.lateness);
    return delays.percentile(99) / MICROSECONDS;
  }

  /** How much of the time it was at work, 0 to 1. Of a process that has just booted, it says nothing yet. */
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
