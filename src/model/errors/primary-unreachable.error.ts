import { ClusterError } from './cluster.error.js';

/**
 * The primary did not answer a worker: it is gone, or it did not answer within the deadline.
 * What was asked may or may not have been carried out.
 *
 * @publicApi
 */
export class PrimaryUnreachableError extends ClusterError {
  readonly code = 'CLUSTER_PRIMARY_UNREACHABLE';

  /**
   * @param question what was asked
   * @param why what came instead of an answer
   */
  constructor(question: string, why: string) {
    super(`The primary did not answer "${question}": ${why}.`);
  }
}
