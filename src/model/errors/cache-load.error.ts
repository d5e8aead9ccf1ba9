import { ClusterError } from './cluster.error.js';

/**
 * Another worker has loaded the value of a cache, and its loader failed. The worker that loaded gets the error of the
 * loader itself.
 *
 * @publicApi
 */
export class CacheLoadError extends ClusterError {
  readonly code = 'CLUSTER_CACHE_LOAD';

  /**
   * @param reason the error of the loader
   */
  constructor(readonly reason: string) {
    super(`The value could not be loaded by another worker: ${reason}`);
  }
}
