import { ClusterError } from './cluster.error.js';

/**
 * What stands at a key is of another type: a map where a counter was asked for, a text where a number
 * was. It is unchanged.
 *
 * @publicApi
 */
export class StateTypeError extends ClusterError {
  readonly code = 'CLUSTER_STATE_TYPE';

  /**
   * @param key where
   * @param expected what was asked for, as in "a counter"
   * @param found what stands there
   */
  constructor(
    readonly key: string,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`At "${key}" stands ${found}, where ${expected} was asked for. It is unchanged.`);
  }
}
