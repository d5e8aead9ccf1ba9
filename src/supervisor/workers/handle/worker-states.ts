import type { WorkerState } from '../../../model/host-status.interface.js';

/**
 * The life of a worker: what may follow what. A worker that is told to go while it boots drains
 * too, there is only nothing to wait for. Only spares stand by.
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
