import { ClusterError } from './cluster.error.js';

/**
 * A counter would leave its range: that of its options, or the range in which JavaScript counts exactly. Its value
 * is unchanged.
 *
 * @publicApi
 */
export class CounterRangeError extends ClusterError {
  readonly code = 'CLUSTER_COUNTER_RANGE';

  /**
   * @param counter the name of the counter, or of the map and its field
   * @param change the requested change, as in "an increment by 1"
   * @param bound the bound that would be exceeded
   * @param min the lower bound
   * @param max the upper bound
   */
  constructor(
    readonly counter: string,
    change: string,
    readonly bound: 'min' | 'max',
    readonly min: number,
    readonly max: number,
  ) {
    super(
      `The counter "${counter}" must stay between ${min} and ${max}; ${change} would leave this range. It is unchanged.`,
    );
  }
}
