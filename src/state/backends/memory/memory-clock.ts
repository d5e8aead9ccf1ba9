import { monotonicNow } from '../../../system/time/monotonic-now.js';
import { steadyTime } from '../../../system/time/steady-time.js';

/** The time as the memory uses it. Comes in from outside, so that tests need not wait. @internal */
export interface MemoryClock {
  /** Whole milliseconds that nobody can set, for leases, times to live and windows. */
  now(): number;
  /** Whole milliseconds that also grow from one life of this process to the next: for fencing tokens and epochs. */
  stamp(): number;
}

/** @internal */
export const MEMORY_CLOCK: MemoryClock = {
  now: () => Math.floor(monotonicNow()),
  stamp: steadyTime,
};
