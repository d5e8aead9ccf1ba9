import { afterReading } from './deadline-timer.js';
import { monotonicNow } from './monotonic-now.js';

/** The time functions that the supervisor uses. They are injected, so that tests need not wait. @internal */
export interface Clock {
  /** Returns the milliseconds of {@link monotonicNow}, for durations and deadlines. */
  now(): number;
  /** Returns the milliseconds since the epoch, for people and logs. It can jump. */
  wallTime(): number;
  /**
   * Runs `task` once after `delay` milliseconds, when everything that arrived before has been read. Returns a
   * function that cancels it.
   */
  after(delay: number, task: () => void): () => void;
}

/** @internal */
export const systemClock: Clock = {
  // Whole milliseconds, because results are shown to people.
  now: () => Math.floor(monotonicNow()),
  wallTime: () => Date.now(),
  after: afterReading,
};

/** Resolves after `delay` milliseconds. @internal */
export function pause(clock: Pick<Clock, 'after'>, delay: number): Promise<void> {
  return new Promise(resolve => void clock.after(delay, resolve));
}
