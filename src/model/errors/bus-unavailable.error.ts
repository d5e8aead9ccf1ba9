import { ClusterError } from './cluster.error.js';

/**
 * An event was not published, or a request not sent, because the backend of the bus cannot be reached or does not
 * answer. Also the error of `publish()`, `ask()`, `subscribe()` and `answer()` after the application has
 * closed.
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
    options?: ErrorOptions & {
      /** The method that failed, if it is not `publish()`. */
      readonly method?: string;
    },
  ) {
    super(`${outcomeOf(topic, mayHaveArrived, options?.method)}: ${why}.`, options);
  }
}

function outcomeOf(topic: string, mayHaveArrived: boolean, method = 'publish'): string {
  const outcome = mayHaveArrived ? 'may or may not have been' : 'was not';
  switch (method) {
    case 'publish':
      return `The event on "${topic}" ${outcome} published`;
    case 'ask':
      return `The request on "${topic}" ${outcome} sent`;
    default:
      return `"${method}" of "${topic}" was not applied`;
  }
}
