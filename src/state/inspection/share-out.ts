import {
  type InspectedEntry,
  STATE_ENTRY_KINDS,
  type StateEntryKind,
} from './state-inspection.interface.js';

type Named = Pick<InspectedEntry, 'kind' | 'key'>;

const ORDER = new Map<StateEntryKind, number>(
  STATE_ENTRY_KINDS.map((kind, place) => [kind, place]),
);

/** Returns entries by kind and key. @internal */
export function inOrder<Entry extends Named>(entries: readonly Entry[]): Entry[] {
  return entries.toSorted(
    (one, other) => ORDER.get(one.kind)! - ORDER.get(other.kind)! || (one.key < other.key ? -1 : 1),
  );
}

/**
 * Chooses `max` entries of several groups, so that a large group does not displace a small one: each gets the same share,
 * and what a group does not need is for the others.
 *
 * @internal
 */
export function shareOut<Entry>(groups: readonly (readonly Entry[])[], max: number): Entry[] {
  const chosen: Entry[] = [];
  let left = max;
  groups
    .toSorted((one, other) => one.length - other.length)
    .forEach((group, place) => {
      const taken = group.slice(0, Math.floor(left / (groups.length - place)));
      chosen.push(...taken);
      left -= taken.length;
    });
  return chosen;
}
