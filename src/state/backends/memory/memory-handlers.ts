import type { Operation, OperationName, OperationResult } from '../../operation.js';
import type { ExpiringMap } from './structures/expiring-map.js';
import type { Item } from './structures/memory-item.js';

/** The storage of values, maps and leaderboards. @internal */
export type DataSpace = ExpiringMap<Item>;

/** The functions that implement operations in memory; `now` is the backend's time in milliseconds. @internal */
export type Handlers<Names extends OperationName, Space> = {
  readonly [Name in Names]: (
    space: Space,
    operation: Operation<Name>,
    now: number,
  ) => OperationResult<Name>;
};
