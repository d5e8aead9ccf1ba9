import { monotonicNow } from './monotonic-now.js';

/** What the clock on the wall showed when this process began, minus what the monotonic clock did. */
const offset = Date.now() - monotonicNow();

/**
 * Milliseconds since the epoch, by the clock of this machine as it stood when this process began: it is never
 * set while the process runs. For numbers that have to grow from one life of a process to the next as well.
 *
 * @internal
 */
export function steadyTime(): number {
  return Math.floor(offset + monotonicNow());
}
