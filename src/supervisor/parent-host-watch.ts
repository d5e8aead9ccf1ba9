import type { Clock } from '../system/time/clock.js';
import { isRunning, type ProcessIdentity } from '../system/process/process-identity.js';

/** Milliseconds for which a host may outlive the host that started it. */
const INTERVAL_MILLISECONDS = 1_000;

/**
 * Calls `onEnded` once when the primary of the parent host has exited. It polls, because a killed primary cannot
 * notify anyone.
 *
 * @returns a function that stops polling
 * @internal
 */
export function watchParentHost(
  primary: ProcessIdentity,
  clock: Pick<Clock, 'after'>,
  onEnded: () => void,
  runs: (primary: ProcessIdentity) => boolean = isRunning,
): () => void {
  let cancel: () => void;
  const look = (): void => {
    if (runs(primary)) {
      cancel = clock.after(INTERVAL_MILLISECONDS, look);
    } else {
      onEnded();
    }
  };
  cancel = clock.after(INTERVAL_MILLISECONDS, look);
  return () => cancel();
}
