import { ClusterError } from './cluster.error.js';

/**
 * A lock, or the place of a leader, was lost while it was needed: its lease ran out, because the
 * backend was not to be reached or this worker was busy for longer. Somebody else may hold it now.
 *
 * It is the `reason` of the signal that the task got.
 *
 * @publicApi
 */
export class LockLostError extends ClusterError {
  readonly code = 'CLUSTER_LOCK_LOST';

  /** @param lock its name */
  constructor(
    readonly lock: string,
    why: string,
  ) {
    super(`"${lock}" is no longer held: ${why}.`);
  }
}
