import { ClusterError } from './cluster.error.js';

/**
 * The method needs workers, which do not exist in single mode.
 *
 * @publicApi
 */
export class SingleModeError extends ClusterError {
  readonly code = 'CLUSTER_SINGLE_MODE';

  /**
   * @param method the method that was called
   */
  constructor(method: string) {
    super(
      `${method} needs workers, but this process is in single mode. Check ClusterService.mode first, or run the application with workers.`,
    );
  }
}
