import { ClusterError } from './cluster.error.js';

/**
 * In single mode there are no workers that could be replaced or added.
 *
 * @publicApi
 */
export class SingleModeError extends ClusterError {
  readonly code = 'CLUSTER_SINGLE_MODE';

  /** @param method what was called */
  constructor(method: string) {
    super(
      `${method} needs workers, and this process is in single mode. Ask ClusterService.mode before, or run the application with workers.`,
    );
  }
}
