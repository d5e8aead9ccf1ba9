import { ClusterError } from './cluster.error.js';

/**
 * A call on the shared state could not be carried out, because its backend is not to be reached or
 * refuses to work. It was not applied, and will not be: trying again is safe.
 *
 * @publicApi
 */
export class StateUnavailableError extends ClusterError {
  readonly code = 'CLUSTER_STATE_UNAVAILABLE';

  /**
   * @param operation what was asked for, such as `increment`
   * @param key of what
   * @param why what is the matter with the backend
   */
  constructor(
    readonly operation: string,
    readonly key: string,
    why: string,
    options?: ErrorOptions,
  ) {
    super(`"${operation}" of "${key}" was not applied: ${why}.`, options);
  }
}
