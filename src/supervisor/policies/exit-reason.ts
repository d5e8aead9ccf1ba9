import type { WorkerExitReason, WorkerState } from '../../model/host-status.interface.js';

/** Signals that ask a process to exit. */
const TO_LEAVE: ReadonlySet<string> = new Set(['SIGTERM', 'SIGINT', 'SIGHUP']);

/**
 * Returns the exit reason of a process that the primary did not kill.
 *
 * @param state the state that it was in
 * @param hadReason whether the worker had been ready, was told to drain, or received a signal; without any of these,
 *   draining means that its boot failed
 * @internal
 */
export function exitReason(
  state: WorkerState,
  code: number | null,
  signal: NodeJS.Signals | null,
  hadReason: boolean,
): WorkerExitReason {
  if (state === 'booting' && signal !== null && TO_LEAVE.has(signal)) {
    // It has no work to drain yet.
    return 'left';
  }
  if (state === 'booting' || !hadReason) {
    return 'boot-failed';
  }
  // With shutdown hooks enabled, Nest ends the process with the signal that it received.
  const asTold = code === 0 || signal === 'SIGTERM' || signal === 'SIGINT';
  return state === 'draining' && asTold ? 'left' : 'crashed';
}
