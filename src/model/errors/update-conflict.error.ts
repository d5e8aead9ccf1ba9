import { ClusterError } from './cluster.error.js';

/**
 * Other callers changed the value during each attempt of `SharedState.update()`, until its deadline. Nothing was
 * stored.
 *
 * @publicApi
 */
export class UpdateConflictError extends ClusterError {
  readonly code = 'CLUSTER_UPDATE_CONFLICT';

  /**
   * @param key the key of the value
   * @param attempts the number of attempts; 0 if none was made, because of another update in the same worker
   */
  constructor(
    readonly key: string,
    readonly attempts: number,
  ) {
    super(
      attempts > 0
        ? `"${key}" was changed by others during each of ${attempts} attempts to update it. Nothing was stored.`
        : `Another update of "${key}" in this worker did not finish in time. Nothing was stored. Do not call update() within the callback of an update() of the same key.`,
    );
  }
}
