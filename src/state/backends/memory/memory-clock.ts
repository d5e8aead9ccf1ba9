import { monotonicNow } from '../../../system/time/monotonic-now.js';
import { steadyTime } from '../../../system/time/steady-time.js';

/** The clock of the memory backend. It is injected, so that tests need not wait. @internal */
export interface MemoryClock {
  /** Monotonic time in whole milliseconds, for leases, times to live and windows. */
  now(): number;
  /** Whole milliseconds that also grow across restarts of the process, for fencing tokens and epochs. */
  stamp(): number;
}

/** @internal */
export const MEMORY_CLOCK: MemoryClock = {
  now: () => Math.floor(monotonicNow()),
  stamp: steadyTime,
};
