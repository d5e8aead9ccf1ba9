import type { OperationFailure } from '../operation.js';
import type { DataSpace, Handlers } from './handlers.js';
import { type LeaderboardItem, wrongType } from './item.js';
import { SortedMembers } from './sorted-members.js';

/** @internal */
export const leaderboardHandlers: Handlers<
  | 'scoreSet'
  | 'scoreIncrement'
  | 'scoreRemove'
  | 'scoreGet'
  | 'scoreRank'
  | 'scoreTop'
  | 'scoreSize',
  DataSpace
> = {
  scoreSet: (data, { key, member, score }, now) =>
    write(data, key, now, members => members.set(member, score)),

  scoreIncrement: (data, { key, member, by }, now) => {
    const before = read(data, key, now, 0, members => members.score(member) ?? 0);
    if (typeof before !== 'number') {
      return before;
    }
    const score = before + by;
    if (!Number.isFinite(score)) {
      return { failed: 'range', found: String(before) };
    }
    return write(data, key, now, members => {
      members.set(member, score);
      return score;
    });
  },

  scoreRemove: (data, { key, member }, now) =>
    read(data, key, now, false, (members, item) => {
      const wasThere = members.delete(member);
      if (members.size === 0) {
        data.delete(item);
      }
      return wasThere;
    }),

  scoreGet: (data, { key, member }, now) =>
    read(data, key, now, null, members => members.score(member) ?? null),

  scoreRank: (data, { key, member }, now) =>
    read(data, key, now, null, members => members.rank(member) ?? null),

  scoreTop: (data, { key, count }, now) => read(data, key, now, [], members => members.top(count)),

  scoreSize: (data, { key }, now) => read(data, key, now, 0, ({ size }) => size),
};

function read<Result>(
  data: DataSpace,
  key: string,
  now: number,
  whenAbsent: Result,
  use: (members: SortedMembers, item: LeaderboardItem) => Result,
): Result | OperationFailure {
  const item = data.get(key, now);
  if (!item) {
    return whenAbsent;
  }
  return item.kind === 'leaderboard' ? use(item.content, item) : wrongType(item.kind);
}

function write<Result>(
  data: DataSpace,
  key: string,
  now: number,
  use: (members: SortedMembers) => Result,
): Result | OperationFailure {
  if (!data.get(key, now)) {
    const content = new SortedMembers();
    data.add({ kind: 'leaderboard', key, content, expiresAt: Infinity, due: undefined });
  }
  return read<Result | undefined>(data, key, now, undefined, use) as Result | OperationFailure;
}
