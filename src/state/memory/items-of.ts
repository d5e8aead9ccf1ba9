import type { OperationFailure } from '../operation.js';
import type { DataSpace } from './handlers.js';
import { type LeaderboardItem, type MapItem, wrongType } from './item.js';

/**
 * How items of one kind are used by those that do with nothing, and with an empty one, as well.
 *
 * @internal
 */
export function itemsOf<Each extends MapItem | LeaderboardItem>(
  kind: Each['kind'],
  empty: () => Each['content'],
) {
  function read<Result>(
    data: DataSpace,
    key: string,
    now: number,
    whenAbsent: Result,
    use: (item: Each) => Result,
  ): Result | OperationFailure {
    const item = data.get(key, now);
    if (!item) {
      return whenAbsent;
    }
    return item.kind === kind ? use(item as Each) : wrongType(item.kind);
  }

  function write<Result>(
    data: DataSpace,
    key: string,
    now: number,
    use: (item: Each) => Result,
  ): Result | OperationFailure {
    if (!data.get(key, now)) {
      data.add({ kind, key, content: empty(), expiresAt: Infinity, due: undefined } as Each);
    }
    return read<Result | undefined>(data, key, now, undefined, use) as Result | OperationFailure;
  }

  return { read, write };
}
