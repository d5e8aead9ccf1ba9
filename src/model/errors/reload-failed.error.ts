import { ClusterError } from './cluster.error.js';
import type { WorkerFailure } from './worker-failure.interface.js';

/**
 * A reload came to its end because a worker of the new generation failed. Every worker that had not been
 * replaced yet serves on; it can be reloaded again any time.
 *
 * @publicApi
 */
export class ReloadFailedError extends ClusterError {
  readonly code = 'CLUSTER_RELOAD_FAILED';

  /**
   * @param generation the generation that was to come
   * @param why what became of the worker, in a sentence
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
