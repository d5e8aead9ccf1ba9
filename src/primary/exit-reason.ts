import type { WorkerExitReason, WorkerState } from '../events/worker-facts.js';

/**
 * What to make of the end of a process that nobody killed.
 *
 * @param state the state it was in
 * @param hadReason whether it had ever been ready, or was told to go: else to drain is to give up
 * @internal
 */
export function exitReason(
  state: WorkerState,
  code: number | null,
  signal: NodeJS.Signals | null,
  hadReason: boolean,
): WorkerExitReason {
  if (state === 'booting' || !hadReason) {
    return 'boot-failed';
  }
  // With its shutdown hooks enabled, Nest ends a process by the signal that it was sent.
  const asTold = code === 0 || signal === 'SIGTERM' || signal === 'SIGINT';
  return state === 'draining' && asTold ? 'left' : 'crashed';
}
