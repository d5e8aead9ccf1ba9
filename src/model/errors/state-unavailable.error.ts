import { StateOutageError } from './state-outage.error.js';

/**
 * A call on the shared state could not be carried out, because its backend is not to be reached or
 * refuses to work. It was not applied, and will not be: trying again is safe.
 *
 * @publicApi
 */
export class StateUnavailableError extends StateOutageError {
  readonly code = 'CLUSTER_STATE_UNAVAILABLE';

  /** @param why what is the matter with the backend */
  constructor(operation: string, key: string, why: string, options?: ErrorOptions) {
    super(operation, key, `"${operation}" of "${key}" was not applied: ${why}.`, options);
  }
}
