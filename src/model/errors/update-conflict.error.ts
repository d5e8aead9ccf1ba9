import { ClusterError } from './cluster.error.js';

/**
 * `SharedState.update()` found the value changed by others each time it came to store its own, until
 * its deadline. Nothing was stored.
 *
 * @publicApi
 */
export class UpdateConflictError extends ClusterError {
  readonly code = 'CLUSTER_UPDATE_CONFLICT';

  /**
   * @param key the key of the value
   * @param attempts 0 if it did not come to one, because of another update in the same worker
   */
  constructor(
    readonly key: string,
    readonly attempts: number,
  ) {
    super(
      attempts > 0
        ? `"${key}" was changed by others during each of ${attempts} attempts to update it. Nothing was stored.`
        : `Another update of "${key}" in this worker did not come to its end in time. Is this one part of it? Nothing was stored.`,
    );
  }
}
