import { Group } from './group.js';
import type { Handlers } from './handlers.js';
import type { HistorySpace } from './histories.js';
import type { History } from './history.js';

/** @internal */
export const groupHandlers: Handlers<
  'groupJoin' | 'groupTake' | 'groupDone' | 'groupMembers' | 'groupInherit' | 'groupLeave',
  HistorySpace
> = {
  groupJoin: (histories, { key, group: name }) => {
    const { groups, last } = histories.at(key);
    if (groups.has(name)) {
      return false;
    }
    groups.set(name, new Group(last));
    return true;
  },

  groupTake: (histories, { key, group: name, member, count, again }) => {
    const history = histories.at(key);
    const group = history.groups.get(name) ?? new Group(0);
    history.groups.set(name, group);
    return again ? takeAgain(history, group, member, count) : take(history, group, member, count);
  },

  groupDone: (histories, { key, group: name, positions }) => {
    const history = histories.peek(key);
    const group = history?.groups.get(name);
    return positions.filter(position => group?.done(history!.numberOf(position))).length;
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
    const missed = group.drop(history!.first, isDead);
    return { inherited: group.pass(member, isDead), missed };
  },

  groupLeave: (histories, { key, group: name, member }) =>
    !histories.peek(key)?.groups.get(name)?.has(member),
};

function take(history: History, group: Group, member: string, count: number) {
  const entries = history.take(history.after(group.taken), count);
  const missed = entries.length > 0 ? Math.max(0, history.first - group.taken - 1) : 0;
  const first = group.taken + missed + 1;
  entries.forEach((_, index) => group.take(first + index, member));
  return { entries, missed };
}

/** What the member still has to do; what is not there any more it need not. */
function takeAgain(history: History, group: Group, member: string, count: number) {
  const isOwn = (other: string): boolean => other === member;
  const missed = group.drop(history.first, isOwn);
  return { entries: history.take(group.pendingOf(isOwn), count), missed };
}
