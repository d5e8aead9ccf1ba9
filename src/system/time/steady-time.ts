import { monotonicNow } from './monotonic-now.js';

/** The difference between wall-clock and monotonic time when this process started. */
const offset = Date.now() - monotonicNow();

/**
 * Returns milliseconds since the epoch, by the wall clock when this process started: it does not jump while the
 * process runs. Use it for numbers that must also increase from one process to the next.
 *
 * @internal
 */
export function steadyTime(): number {
  return Math.floor(offset + monotonicNow());
}
