import { ClusterError } from './cluster.error.js';
import type { WorkerFailure } from './worker-failure.interface.js';

/**
 * More workers were wanted, and one of the new ones did not come to serve. There are as many as before.
 *
 * @publicApi
 */
export class ScaleFailedError extends ClusterError {
  readonly code = 'CLUSTER_SCALE_FAILED';

  /**
   * @param wanted how many workers there were to be
   * @param why what became of the worker, in a sentence
   * @param worker the worker that failed
   */
  constructor(
    readonly wanted: number,
    why: string,
    readonly worker: WorkerFailure,
  ) {
    super(`There are as many workers as before, and not ${wanted}: ${why}`);
  }
}
