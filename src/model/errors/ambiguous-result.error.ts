import { StateOutageError } from './state-outage.error.js';

/**
 * A call on the shared state was not answered by its deadline, although the backend may have received it. The call
 * may have been applied; it is not applied later.
 *
 * When the backend answers again, `SharedState.resolve(operationId)` tells whether it was applied.
 *
 * @publicApi
 */
export class AmbiguousResultError extends StateOutageError {
  readonly code = 'CLUSTER_STATE_AMBIGUOUS';

  /**
   * @param operationId for `SharedState.resolve()`, in this worker or any other
   * @param why why there is no answer
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
      `"${operation}" of "${key}" may have been applied: ${why}. Call SharedState.resolve("${operationId}") to find out.`,
      options,
    );
  }
}
