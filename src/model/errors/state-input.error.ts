import { ClusterError } from './cluster.error.js';

/**
 * The shared state was given something it does not take: a key too long, a value that JSON cannot
 * carry, an increment that is no whole number. Nothing was stored.
 *
 * @publicApi
 */
export class StateInputError extends ClusterError {
  readonly code = 'CLUSTER_STATE_INPUT';

  /** @param key of what it was meant to be, as far as it can be told */
  constructor(
    readonly key: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
