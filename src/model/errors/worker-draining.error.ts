import { ClusterError } from './cluster.error.js';

/**
 * The worker must drain, and cannot wait for a command. If it has sent the command already, the command continues without
 * it; use `ClusterService.status()` of another worker to see its outcome. The message says whether it was sent.
 *
 * @publicApi
 */
export class WorkerDrainingError extends ClusterError {
  readonly code = 'CLUSTER_WORKER_DRAINING';

  /**
   * @param command the command that the worker waited for
   * @param isSent whether the primary has got the command
   */
  constructor(command: string, isSent = true) {
    super(
      isSent
        ? `This worker is draining and cannot wait for ${command}, which continues without it.`
        : `This worker is draining and did not request ${command}. Try again: another worker answers then.`,
    );
  }
}
