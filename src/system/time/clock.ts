import { afterReading } from './deadline-timer.js';
import { monotonicNow } from './monotonic-now.js';

/** What of the time the supervisor uses. Comes in from outside, so that tests need not wait. @internal */
export interface Clock {
  /** Milliseconds of {@link monotonicNow}, for durations and deadlines: nobody can set it. */
  now(): number;
  /** Milliseconds since the epoch, for what people read. It may jump. */
  wallTime(): number;
  /**
   * Runs `task` once after `delay` milliseconds, when all that arrived before has been read; the answer takes it
   * back.
   */
  after(delay: number, task: () => void): () => void;
}

/** @internal */
export const systemClock: Clock = {
  // Whole ones, as people read what is computed from them.
  now: () => Math.floor(monotonicNow()),
  wallTime: () => Date.now(),
  after: afterReading,
};
