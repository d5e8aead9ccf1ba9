import { StateOutageError } from './state-outage.error.js';

/**
 * The backend of the shared state has no memory left: `state.maxMemory` of the primary is used up, or the Redis
 * server has reached its `maxmemory`. The call was not applied, and is not applied later. Reads, deletions and
 * releases of locks still work; writes work again when there is room.
 *
 * @publicApi
 */
export class StateFullError extends StateOutageError {
  readonly code = 'CLUSTER_STATE_FULL';

  /**
   * @param why which memory is full, and its limit
   */
  constructor(
    operation: string,
    key: string,
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(operation, key, `"${operation}" of "${key}" was not applied: ${why}.`, options);
  }
}
