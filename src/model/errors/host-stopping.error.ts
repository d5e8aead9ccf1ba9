import { ClusterError } from './cluster.error.js';

/**
 * The host is stopping. Commands that change which workers run are rejected, and a running command is aborted.
 *
 * @publicApi
 */
export class HostStoppingError extends ClusterError {
  readonly code = 'CLUSTER_HOST_STOPPING';

  constructor() {
    super('The host is stopping: its workers can no longer be reloaded or scaled.');
  }
}
