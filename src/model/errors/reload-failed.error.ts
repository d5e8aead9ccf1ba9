import { ClusterError } from './cluster.error.js';
import type { WorkerFailure } from './worker-failure.interface.js';

/**
 * A reload ended because a worker of the new generation failed. Workers that had not been replaced continue to
 * serve. Another reload can be started at any time.
 *
 * @publicApi
 */
export class ReloadFailedError extends ClusterError {
  readonly code = 'CLUSTER_RELOAD_FAILED';

  /**
   * @param generation the generation of the failed reload
   * @param why how the worker ended, as a sentence
   * @param worker the worker that failed
   */
  constructor(
    readonly generation: number,
    why: string,
    readonly worker: WorkerFailure,
  ) {
    super(`The reload to generation ${generation} failed: ${why}`);
  }
}
