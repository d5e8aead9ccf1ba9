import { ClusterError } from './cluster.error.js';

/**
 * The worker that waits for a command drains itself, and must not wait any longer. The command goes on
 * without it: `ClusterService.status()` of another worker tells what became of it.
 *
 * @publicApi
 */
export class WorkerDrainingError extends ClusterError {
  readonly code = 'CLUSTER_WORKER_DRAINING';

  /** @param command what was waited for */
  constructor(command: string) {
    super(`This worker drains and cannot wait for ${command}, which goes on without it.`);
  }
}
