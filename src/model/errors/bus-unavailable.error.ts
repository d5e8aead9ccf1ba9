import { ClusterError } from './cluster.error.js';

/**
 * An event was not published, or a request not sent, because the backend of the bus cannot be reached or does not
 * answer.
 *
 * @publicApi
 */
export class BusUnavailableError extends ClusterError {
  readonly code = 'CLUSTER_BUS_UNAVAILABLE';

  /**
   * @param topic the topic of the event or request
   * @param why what is wrong with the backend
   * @param mayHaveArrived whether some subscribers may have received it: it was sent, but not acknowledged by the
   *   backend
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
