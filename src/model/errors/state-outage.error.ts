import { ClusterError } from './cluster.error.js';

/**
 * The backend of the shared state did not carry out a call. The base class of `StateUnavailableError`,
 * `StateFullError` and `AmbiguousResultError`: catch it to answer all of them with status 503.
 *
 * @publicApi
 */
export abstract class StateOutageError extends ClusterError {
  /**
   * @param operation the operation, in the form of its call: `increment`, `map.set`, `rateLimit`
   * @param key the key of the operation
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
