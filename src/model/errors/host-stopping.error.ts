import { ClusterError } from './cluster.error.js';

/**
 * The host stops: it takes no further command that changes which workers there are, and ends the one that
 * is under way.
 *
 * @publicApi
 */
export class HostStoppingError extends ClusterError {
  readonly code = 'CLUSTER_HOST_STOPPING';

  constructor() {
    super('The host stops: its workers are neither reloaded nor scaled any more.');
  }
}
