import { StateOutageError } from './state-outage.error.js';

/**
 * No answer came to a call on the shared state by its deadline, though the backend may have got it:
 * it may have been applied. It is not applied later than now.
 *
 * `SharedState.resolve(operationId)` tells which, once the backend answers again.
 *
 * @publicApi
 */
export class AmbiguousResultError extends StateOutageError {
  readonly code = 'CLUSTER_STATE_AMBIGUOUS';

  /**
   * @param operationId for `SharedState.resolve()`, in this worker or in any other
   * @param why what came instead of an answer
   */
  constructor(
    operation: string,
    key: string,
    readonly operationId: string,
    why: string,
    options?: ErrorOptions,
  ) {
    super(
      operation,
      key,
      `"${operation}" of "${key}" may have been applied: ${why}. SharedState.resolve("${operationId}") tells.`,
      options,
    );
  }
}
