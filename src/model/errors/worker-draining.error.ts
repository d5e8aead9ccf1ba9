import { ClusterError } from './cluster.error.js';

/**
 * The worker that waits for a command must drain, and cannot wait any longer. The command continues without it; use
 * `ClusterService.status()` of another worker to see its outcome.
 *
 * @publicApi
 */
export class WorkerDrainingError extends ClusterError {
  readonly code = 'CLUSTER_WORKER_DRAINING';

  /**
   * @param command the command that the worker waited for
   */
  constructor(command: string) {
    super(`This worker is draining and cannot wait for ${command}, which continues without it.`);
  }
}
