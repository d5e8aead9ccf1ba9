import { ClusterError } from './cluster.error.js';

/**
 * The primary received a request of this worker, and refused it, failed to carry it out, or sent an invalid answer.
 * The log of the primary has the details.
 *
 * @publicApi
 */
export class PrimaryRequestError extends ClusterError {
  readonly code = 'CLUSTER_PRIMARY_REQUEST';

  /**
   * @param question the name of the request
   * @param why the answer of the primary, or what is wrong with it
   * @param mayBeApplied whether the request may have been carried out nevertheless
   */
  constructor(
    question: string,
    why: string,
    readonly mayBeApplied: boolean,
  ) {
    super(
      `The primary failed to carry out "${question}": ${why}. It ${mayBeApplied ? 'may have been applied' : 'was not applied'}.`,
    );
  }
}
