import type { Kind, OperationFailure } from '../../../operation.js';
import type { Expiring } from './expiring-map.js';
import type { FieldExpiries } from './field-expiries.js';
import type { SortedMembers } from './sorted-members.js';

/** The data at a key. @internal */
export type Item = ItemOf<'value', string> | MapItem | LeaderboardItem;

/** A JSON text; a counter is a number at a key. @internal */
export type ValueItem = ItemOf<'value', string>;

/** @internal */
export interface MapItem extends ItemOf<'map', Map<string, string>> {
  /** The fields that expire. */
  expiries?: FieldExpiries;
  /** Whether the map itself has a time to live. Otherwise, it expires with its last field. */
  isTimed?: boolean;
}

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

/** Returns when an item without a time to live of its own expires: a map whose fields all expire, with the last one. @internal */
export function lastExpiry(item: Item): number {
  return item.kind === 'map' && item.expiries?.size === item.content.size
    ? item.expiries.last
    : Infinity;
}
