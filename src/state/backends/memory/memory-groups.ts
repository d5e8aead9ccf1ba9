import type { OperationFailure } from '../../operation.js';
import { GROUP_BYTES, PENDING_BYTES, textBytes } from './structures/byte-sizes.js';
import { Group } from './structures/consumer-group.js';
import type { Handlers } from './memory-handlers.js';
import type { HistorySpace } from './memory-histories.js';
import type { History } from './structures/history.js';

/** @internal */
export const groupHandlers: Handlers<
  'groupJoin' | 'groupTake' | 'groupDone' | 'groupMembers' | 'groupInherit' | 'groupLeave',
  HistorySpace
> = {
  groupJoin: (histories, { key, group: name }) => {
    if (histories.peek(key)?.groups.has(name)) {
      return false;
    }
    const group = newGroup(histories, key, name, histories.peek(key)?.last ?? 0);
    return group instanceof Group ? true : group;
  },

  groupTake: (histories, { key, group: name, member, count, again }) => {
    const group = histories.peek(key)?.groups.get(name) ?? newGroup(histories, key, name, 0);
    if (!(group instanceof Group)) {
      return group;
    }
    const history = histories.at(key);
    return accounted(histories, group, () =>
      again ? takeAgain(history, group, member, count) : take(history, group, member, count),
    );
  },

  groupDone: (histories, { key, group: name, offsets }) => {
    const history = histories.peek(key);
    const group = history?.groups.get(name);
    if (!group) {
      return 0;
    }
    return accounted(
      histories,
      group,
      () => offsets.filter(offset => group.done(history!.numberOf(offset))).length,
    );
  },

  groupMembers: (histories, { key, group: name }) =>
    histories.peek(key)?.groups.get(name)?.members ?? [],

  groupInherit: (histories, { key, group: name, member, dead }) => {
    const history = histories.peek(key);
    const group = history?.groups.get(name);
    if (!group) {
      return { inherited: 0, missed: 0 };
    }
    const isDead = (other: string): boolean => dead.includes(other);
    const missed = accounted(histories, group, () => group.drop(history!.first, isDead));
    return { inherited: group.pass(member, isDead), missed };
  },

  groupLeave: (histories, { key, group: name, member }) =>
    !histories.peek(key)?.groups.get(name)?.has(member),
};

/** Creates a group, if there is room for it. */
function newGroup(
  histories: HistorySpace,
  topic: string,
  name: string,
  taken: number,
): Group | OperationFailure {
  const { budget } = histories;
  const bytes = GROUP_BYTES + textBytes(name);
  if (!budget.fits(bytes + histories.growthOf(topic))) {
    return budget.full();
  }
  budget.add(bytes);
  const group = new Group(taken);
  histories.at(topic).groups.set(name, group);
  return group;
}

/** Accounts for the memory of pending events. It never refuses them, because acknowledging events frees memory. */
function accounted<Result>(histories: HistorySpace, group: Group, change: () => Result): Result {
  const before = group.size;
  const result = change();
  histories.budget.add((group.size - before) * PENDING_BYTES);
  return result;
}

function take(history: History, group: Group, member: string, count: number) {
  const entries = history.take(history.after(group.taken), count);
  const missed = entries.length > 0 ? Math.max(0, history.first - group.taken - 1) : 0;
  const first = group.taken + missed + 1;
  entries.forEach((_, index) => group.take(first + index, member));
  return { entries, missed };
}

/** Returns the pending events of a member, and drops those that were trimmed. */
function takeAgain(history: History, group: Group, member: string, count: number) {
  const isOwn = (other: string): boolean => other === member;
  const missed = group.drop(history.first, isOwn);
  return { entries: history.take(group.pendingOf(isOwn), count), missed };
}
