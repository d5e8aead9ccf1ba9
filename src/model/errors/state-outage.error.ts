import { ClusterError } from './cluster.error.js';

/**
 * The backend of the shared state did not do what it was asked for: what `StateUnavailableError` and
 * `AmbiguousResultError` have in common, for those who answer both with 503.
 *
 * @publicApi
 */
export abstract class StateOutageError extends ClusterError {
  /**
   * @param operation what was asked for, as the method is called: `increment`, `map.set`, `rateLimit`
   * @param key of what
   */
  constructor(
    readonly operation: string,
    readonly key: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
