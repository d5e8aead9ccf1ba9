import { ClusterError } from './cluster.error.js';

/**
 * A lock or a leadership was lost while it was needed: its lease expired, because the backend could not be reached
 * or this worker was blocked for longer than the lease. Another worker may hold it now.
 *
 * It is the `reason` of the task's signal.
 *
 * @publicApi
 */
export class LockLostError extends ClusterError {
  readonly code = 'CLUSTER_LOCK_LOST';

  /**
   * @param lock the name of the lock or the election
   */
  constructor(
    readonly lock: string,
    why: string,
  ) {
    super(`"${lock}" is no longer held: ${why}.`);
  }
}
