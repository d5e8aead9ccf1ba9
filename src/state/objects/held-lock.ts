import type { Hold } from './hold.js';
import type { HeldLock } from './lock.interface.js';

/**
 * Returns what a task gets of the lock that it holds.
 *
 * @param signal aborts when the task should end; by default, when the lock is lost
 * @internal
 */
export function heldLockOf(hold: Hold, signal?: AbortSignal): HeldLock {
  return {
    get signal() {
      return signal ?? hold.signal;
    },
    token: hold.claim.token,
    get isHeld() {
      return hold.isHeld;
    },
  };
}

/** Runs a task, and releases its lock afterwards. @internal */
export async function runHolding<T>(
  hold: Hold,
  task: (lock: HeldLock) => T | Promise<T>,
): Promise<T> {
  try {
    return await task(heldLockOf(hold));
  } finally {
    await hold.release();
  }
}
