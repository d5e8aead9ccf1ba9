import { StateOutageError } from './state-outage.error.js';

/**
 * The backend of the shared state has no memory left for this: `state.maxMemory` of the primary is used up, or a
 * Redis server has reached its `maxmemory`. The call was not applied, and will not be. Reads, deletions and
 * releases of locks still work; writes work again when there is room.
 *
 * @publicApi
 */
export class StateFullError extends StateOutageError {
  readonly code = 'CLUSTER_STATE_FULL';

  /** @param why which memory is full, and how full */
  constructor(
    operation: string,
    key: string,
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(operation, key, `"${operation}" of "${key}" was not applied: ${why}.`, options);
  }
}
