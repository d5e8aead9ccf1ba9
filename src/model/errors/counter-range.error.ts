import { ClusterError } from './cluster.error.js';

/**
 * A counter would leave its bounds: those of its options, or those in which JavaScript counts
 * exactly. Its value is unchanged.
 *
 * @publicApi
 */
export class CounterRangeError extends ClusterError {
  readonly code = 'CLUSTER_COUNTER_RANGE';

  /**
   * @param counter the name of the counter, or of the map and its field
   * @param change what was asked for, as in "an increment by 1"
   * @param bound which of its bounds it would have left
   * @param min its lower bound
   * @param max its upper bound
   */
  constructor(
    readonly counter: string,
    change: string,
    readonly bound: 'min' | 'max',
    readonly min: number,
    readonly max: number,
  ) {
    super(`The counter "${counter}" stays between ${min} and ${max}: ${change} would leave them.`);
  }
}
