import { ClusterError } from './cluster.error.js';

/**
 * A key holds a value of another type: a map where a counter was expected, or a string where a number was. It is
 * unchanged.
 *
 * @publicApi
 */
export class StateTypeError extends ClusterError {
  readonly code = 'CLUSTER_STATE_TYPE';

  /**
   * @param key the key
   * @param expected the expected type, as in "a counter"
   * @param found what the key holds
   */
  constructor(
    readonly key: string,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`"${key}" holds ${found}, but ${expected} was expected. It is unchanged.`);
  }
}
