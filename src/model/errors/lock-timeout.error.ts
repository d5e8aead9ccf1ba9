import { ClusterError } from './cluster.error.js';

/**
 * A lock was not free within the time that its caller was willing to wait. The task did not run.
 *
 * @publicApi
 */
export class LockTimeoutError extends ClusterError {
  readonly code = 'CLUSTER_LOCK_TIMEOUT';

  /**
   * @param lock the name of the lock
   * @param wait milliseconds for which the caller waited
   */
  constructor(
    readonly lock: string,
    readonly wait: number,
  ) {
    super(`The lock "${lock}" was not free within ${wait} ms. The task did not run.`);
  }
}
