import { ClusterError } from './cluster.error.js';

/**
 * The bus was called with an invalid argument: an invalid topic, a payload that JSON cannot represent or that is too
 * long, or an unknown option. Nothing was published or requested.
 *
 * @publicApi
 */
export class BusInputError extends ClusterError {
  readonly code = 'CLUSTER_BUS_INPUT';

  /**
   * @param topic the topic of the call, if it is known
   */
  constructor(
    readonly topic: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
