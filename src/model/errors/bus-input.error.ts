import { ClusterError } from './cluster.error.js';

/**
 * The bus was given something it does not take: a topic that is none, a payload that JSON cannot carry
 * or that is too long, an option that does not exist. Nothing was published, and nobody was asked.
 *
 * @publicApi
 */
export class BusInputError extends ClusterError {
  readonly code = 'CLUSTER_BUS_INPUT';

  /** @param topic the one it was meant for, as far as it can be told */
  constructor(
    readonly topic: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
