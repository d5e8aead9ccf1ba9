import type { OperationFailure } from '../../../operation.js';
import { textBytes } from './byte-sizes.js';
import type { DataSpace } from '../memory-handlers.js';
import { type LeaderboardItem, type MapItem, wrongType } from './memory-item.js';

/**
 * Returns functions to read and write items of one type. A missing item is read as an empty one, and an item that
 * becomes empty is deleted.
 *
 * @internal
 */
export function itemsOf<Each extends MapItem | LeaderboardItem>(
  kind: Each['kind'],
  empty: () => Each['content'],
  /** Bytes of an empty item, without its key. */
  emptyBytes: number,
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

  /** @param growthOf returns the bytes by which the content grows; if there is no room, nothing is changed */
  function write<Result>(
    data: DataSpace,
    key: string,
    now: number,
    growthOf: (content: Each['content'] | undefined) => number,
    use: (item: Each) => Result,
  ): Result | OperationFailure {
    const known = data.get(key, now);
    if (known && known.kind !== kind) {
      return wrongType(known.kind);
    }
    const growth = growthOf(known?.content);
    const own = known ? 0 : emptyBytes + textBytes(key);
    if (!data.budget.fits(own + growth)) {
      return data.budget.full();
    }
    const item = (known ?? { kind, key, content: empty(), expiresAt: Infinity }) as Each;
    if (!known) {
      item.due = undefined;
      item.bytes = own;
      data.add(item);
    }
    data.resize(item, item.bytes + growth);
    return use(item);
  }

  return { read, write };
}
