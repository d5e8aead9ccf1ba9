import type { Clock } from '../system/time/clock.js';
import { isRunning, type ProcessIdentity } from '../system/process/process-identity.js';

/** How long a host may outlive the one that it descends from. */
const INTERVAL_MILLISECONDS = 1_000;

/**
 * Calls `onEnded` once when the primary of the host above has ended: one that was killed can tell nobody.
 *
 * @returns stops watching
 * @internal
 */
export function watchHostAbove(
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
