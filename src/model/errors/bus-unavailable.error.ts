import { ClusterError } from './cluster.error.js';

/**
 * An event was not published, or a question not asked, because the backend of the bus is not to be
 * reached, or does not answer.
 *
 * @publicApi
 */
export class BusUnavailableError extends ClusterError {
  readonly code = 'CLUSTER_BUS_UNAVAILABLE';

  /**
   * @param topic the one it was meant for
   * @param why what is the matter with the backend
   * @param mayHaveArrived whether some may have got it all the same: it was sent, but the backend did
   * not say that it had it
   */
  constructor(
    readonly topic: string,
    why: string,
    readonly mayHaveArrived: boolean,
    options?: ErrorOptions,
  ) {
    const outcome = mayHaveArrived ? 'may or may not have been published' : 'was not published';
    super(`The event on "${topic}" ${outcome}: ${why}.`, options);
  }
}
