import { StateOutageError } from './state-outage.error.js';

/**
 * A call on the shared state was not carried out, because its backend cannot be reached or refuses to work. The call
 * was not applied, and is not applied later: trying again is safe.
 *
 * @publicApi
 */
export class StateUnavailableError extends StateOutageError {
  readonly code = 'CLUSTER_STATE_UNAVAILABLE';

  /**
   * @param why what is wrong with the backend
   */
  constructor(
    operation: string,
    key: string,
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(operation, key, `"${operation}" of "${key}" was not applied: ${why}.`, options);
  }
}
