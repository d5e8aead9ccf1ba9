import type { WorkerState } from '../../../model/host-status.interface.js';

/**
 * The transition table of a worker's states. A worker that is told to leave while it boots is `draining`, too,
 * although it has nothing to finish. Only spares are on standby.
 *
 * @internal
 */
export const WORKER_TRANSITIONS: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  booting: ['ready', 'standby', 'draining', 'exited'],
  standby: ['ready', 'draining', 'exited'],
  ready: ['draining', 'exited'],
  draining: ['exited'],
  exited: [],
};

/** @internal */
export function mayBecome(from: WorkerState, to: WorkerState): boolean {
  return WORKER_TRANSITIONS[from].includes(to);
}
