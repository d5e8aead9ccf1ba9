import { ClusterError } from './cluster.error.js';

/**
 * The primary has got a request of this worker and did not answer it as it should: it refused the request, it failed
 * while carrying it out, or its answer made no sense. The log of the primary has more.
 *
 * @publicApi
 */
export class PrimaryRequestError extends ClusterError {
  readonly code = 'CLUSTER_PRIMARY_REQUEST';

  /**
   * @param question what was asked
   * @param why what the primary said, or what is wrong with its answer
   * @param mayBeApplied whether what was asked may have been carried out all the same
   */
  constructor(
    question: string,
    why: string,
    readonly mayBeApplied: boolean,
  ) {
    super(
      `The primary did not carry out "${question}" in good order: ${why}. It ${mayBeApplied ? 'may have been applied' : 'was not applied'}.`,
    );
  }
}
