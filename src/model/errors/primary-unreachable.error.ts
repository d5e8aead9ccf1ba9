import { ClusterError } from './cluster.error.js';

/**
 * The primary did not answer a request of this worker: it has ended, or did not answer within the deadline. The
 * request may have been carried out.
 *
 * @publicApi
 */
export class PrimaryUnreachableError extends ClusterError {
  readonly code = 'CLUSTER_PRIMARY_UNREACHABLE';

  /**
   * @param question the name of the request
   * @param why why there is no answer
   */
  constructor(question: string, why: string) {
    super(`The primary did not answer "${question}": ${why}.`);
  }
}
