import { closeSync, openSync } from 'node:fs';
import { isOutOfDescriptors } from '../system/process/out-of-descriptors.js';
import type { Clock } from '../system/time/clock.js';

/** Opening it fails with ENXIO if the process has no controlling terminal, or has lost it. */
const TERMINAL = '/dev/tty';

/** Milliseconds between two looks, and from the look that finds the terminal closed to the last hangup. */
const INTERVAL_MILLISECONDS = 1_000;

/**
 * Watches the terminal of this process, to tell a SIGHUP that the closing of the terminal causes from a later one. The
 * terminal is polled, because a process in the background may lose its terminal without a signal, and continue to run.
 *
 * @param isOpen whether this process has a terminal
 * @returns a function that returns whether a SIGHUP that has just arrived is a hangup, which means that the terminal
 *   was closed just now
 * @internal
 */
export function watchTerminal(
  clock: Pick<Clock, 'after'>,
  isOpen: () => boolean = canOpenTerminal,
): () => boolean {
  let expectsHangup = isOpen();
  const later = (task: () => void): unknown => clock.after(INTERVAL_MILLISECONDS, task);
  const look = (): void => {
    if (isOpen()) {
      later(look);
    } else {
      // A shell may pass the SIGHUP on only after this process has seen that the terminal is closed.
      later(() => (expectsHangup = false));
    }
  };
  if (expectsHangup) {
    later(look);
  }
  return () => expectsHangup && !isOpen();
}

/** Whether this process has a terminal. @internal */
export function canOpenTerminal(open: (path: string, flags: string) => number = openSync): boolean {
  try {
    closeSync(open(TERMINAL, 'r'));
    return true;
  } catch (error) {
    return isOutOfDescriptors(error);
  }
}
