import type { Operation, OperationName, OperationResult } from '../../operation.js';
import type { ExpiringMap } from './structures/expiring-map.js';
import type { Item } from './structures/memory-item.js';

/** The part of the memory that holds values, maps and leaderboards. @internal */
export type DataSpace = ExpiringMap<Item>;

/** How the memory carries out some of the operations; `now` is milliseconds of its clock. @internal */
export type Handlers<Names extends OperationName, Space> = {
  readonly [Name in Names]: (
    space: Space,
    operation: Operation<Name>,
    now: number,
  ) => OperationResult<Name>;
};
