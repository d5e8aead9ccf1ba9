import type { WorkerExitReason, WorkerState } from '../../model/host-status.interface.js';

/** Signals by which somebody ends a process in good order. */
const TO_LEAVE: ReadonlySet<string> = new Set(['SIGTERM', 'SIGINT', 'SIGHUP']);

/**
 * What to make of the end of a process that nobody killed.
 *
 * @param state the state it was in
 * @param hadReason whether it had ever been ready, was told to go, or was sent a signal: else to drain is to give up
 * @internal
 */
export function exitReason(
  state: WorkerState,
  code: number | null,
  signal: NodeJS.Signals | null,
  hadReason: boolean,
): WorkerExitReason {
  if (state === 'booting' && signal !== null && TO_LEAVE.has(signal)) {
    // It has had nothing to drain yet.
    return 'left';
  }
  if (state === 'booting' || !hadReason) {
    return 'boot-failed';
  }
  // With its shutdown hooks enabled, Nest ends a process by the signal that it was sent.
  const asTold = code === 0 || signal === 'SIGTERM' || signal === 'SIGINT';
  return state === 'draining' && asTold ? 'left' : 'crashed';
}
