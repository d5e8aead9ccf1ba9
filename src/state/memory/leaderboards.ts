import type { DataSpace, Handlers } from './handlers.js';
import type { LeaderboardItem } from './item.js';
import { itemsOf } from './items-of.js';
import { SortedMembers } from './sorted-members.js';

const { read, write } = itemsOf<LeaderboardItem>('leaderboard', () => new SortedMembers());

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
    write(data, key, now, ({ content }) => content.set(member, score)),

  scoreIncrement: (data, { key, member, by }, now) => {
    const before = read(data, key, now, 0, ({ content }) => content.score(member) ?? 0);
    if (typeof before !== 'number') {
      return before;
    }
    const score = before + by;
    if (!Number.isFinite(score)) {
      return { failed: 'range', found: String(before) };
    }
    return write(data, key, now, ({ content }) => {
      content.set(member, score);
      return score;
    });
  },

  scoreRemove: (data, { key, member }, now) =>
    read(data, key, now, false, item => {
      const wasThere = item.content.delete(member);
      if (item.content.size === 0) {
        data.delete(item);
      }
      return wasThere;
    }),

  scoreGet: (data, { key, member }, now) =>
    read(data, key, now, null, ({ content }) => content.score(member) ?? null),

  scoreRank: (data, { key, member }, now) =>
    read(data, key, now, null, ({ content }) => content.rank(member) ?? null),

  scoreTop: (data, { key, count }, now) =>
    read(data, key, now, [], ({ content }) => content.top(count)),

  scoreSize: (data, { key }, now) => read(data, key, now, 0, ({ content }) => content.size),
};
