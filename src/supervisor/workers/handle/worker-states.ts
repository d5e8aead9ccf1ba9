import type { WorkerState } from '../../../model/host-status.interface.js';

/**
 * The states of a worker that users see, and those that only the primary distinguishes:
 *
 * - `promoted`: it has a slot, and does not serve yet
 * - `hung`: it has sent no heartbeat for the timeout, and is killed
 * - `ended`: its process has ended, and its last output may still arrive
 *
 * For these, users see the previous state.
 *
 * @internal
 */
export type WorkerStage = WorkerState | 'promoted' | 'hung' | 'ended';

/**
 * The transition table of a worker. A worker that gets the command to drain while it boots is `draining`, although it
 * has nothing to finish. Only spares and canaries are on standby.
 *
 * @internal
 */
export const WORKER_TRANSITIONS: Readonly<Record<WorkerStage, readonly WorkerStage[]>> = {
  // A canary without a server that could wait is promoted while it boots.
  booting: ['standby', 'promoted', 'ready', 'draining', 'ended'],
  standby: ['promoted', 'ready', 'hung', 'draining', 'ended'],
  promoted: ['ready', 'hung', 'draining', 'ended'],
  ready: ['hung', 'draining', 'ended'],
  hung: ['draining', 'ended'],
  draining: ['ended'],
  ended: ['exited'],
  exited: [],
};

/** @internal */
export function mayBecome(from: WorkerStage, to: WorkerStage): boolean {
  return WORKER_TRANSITIONS[from].includes(to);
}

/** Whether users see it as a state of its own. @internal */
export function isShown(stage: WorkerStage): stage is WorkerState {
  return stage !== 'promoted' && stage !== 'hung' && stage !== 'ended';
}
