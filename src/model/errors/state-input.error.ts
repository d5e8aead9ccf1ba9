import { ClusterError } from './cluster.error.js';

/**
 * The shared state was called with an invalid argument: a key that is too long, a value that JSON cannot represent,
 * or an increment that is not a whole number. Nothing was stored.
 *
 * @publicApi
 */
export class StateInputError extends ClusterError {
  readonly code = 'CLUSTER_STATE_INPUT';

  /** @param key the key of the call, if it is known */
  constructor(
    readonly key: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
