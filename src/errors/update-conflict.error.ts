import { ClusterError } from './cluster.error.js';

/**
 * `SharedState.update()` found the value changed by others each time it came to store its own, until
 * its deadline. Nothing was stored.
 *
 * @publicApi
 */
export class UpdateConflictError extends ClusterError {
  readonly code = 'CLUSTER_UPDATE_CONFLICT';

  constructor(
    readonly key: string,
    readonly attempts: number,
  ) {
    super(
      `"${key}" was changed by others during each of ${attempts} attempts to update it. Nothing was stored.`,
    );
  }
}
