import type { WorkerExitReason } from '../host-status.interface.js';

/** A worker that was to take another one's place, or a new one, and did not come to serve. @publicApi */
export interface WorkerFailure {
  /** The slot it was started for. */
  readonly slot: number;
  /** Its process id. */
  readonly pid: number;
  /** How it ended. */
  readonly reason: WorkerExitReason;
  /** The end of what it wrote to its standard error, up to 8 KB. */
  readonly output: string;
}
