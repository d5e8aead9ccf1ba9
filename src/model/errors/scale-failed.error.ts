import { ClusterError } from './cluster.error.js';
import type { WorkerFailure } from './worker-failure.interface.js';

/**
 * Scaling up failed because a new worker did not become ready. The number of workers is unchanged.
 *
 * @publicApi
 */
export class ScaleFailedError extends ClusterError {
  readonly code = 'CLUSTER_SCALE_FAILED';

  /**
   * @param wanted the requested number of workers
   * @param why how the worker ended, as a sentence
   * @param worker the worker that failed
   */
  constructor(
    readonly wanted: number,
    why: string,
    readonly worker: WorkerFailure,
  ) {
    super(`Scaling to ${wanted} workers failed; their number is unchanged. ${why}`);
  }
}
