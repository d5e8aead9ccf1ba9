import type { WorkerExitReason } from '../host-status.interface.js';

/** A new worker or replacement that did not become ready. @publicApi */
export interface WorkerFailure {
  /** The slot for which it was started. */
  readonly slot: number;
  /** Its process id. */
  readonly pid: number;
  /** How it ended. */
  readonly reason: WorkerExitReason;
  /** The end of its standard error, up to 8 KB. */
  readonly output: string;
}
