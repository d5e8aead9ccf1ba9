import type { Kind, OperationFailure } from '../../../operation.js';
import type { Expiring } from './expiring-map.js';
import type { SortedMembers } from './sorted-members.js';

/** The data at a key. @internal */
export type Item = ItemOf<'value', string> | MapItem | LeaderboardItem;

/** A JSON text; a counter is a number at a key. @internal */
export type ValueItem = ItemOf<'value', string>;

/** @internal */
export type MapItem = ItemOf<'map', Map<string, string>>;

/** @internal */
export type LeaderboardItem = ItemOf<'leaderboard', SortedMembers>;

interface ItemOf<ItemKind extends Kind, Content> extends Expiring {
  readonly kind: ItemKind;
  content: Content;
}

/** @internal */
export function wrongType(found: string): OperationFailure {
  return { failed: 'type', found };
}
