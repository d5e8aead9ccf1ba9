import { LEADERBOARD_BYTES, MEMBER_BYTES, textBytes } from './structures/byte-sizes.js';
import type { DataSpace, Handlers } from './memory-handlers.js';
import type { LeaderboardItem } from './structures/memory-item.js';
import { itemsOf } from './structures/items-of.js';
import { SortedMembers } from './structures/sorted-members.js';

const { read, write } = itemsOf<LeaderboardItem>(
  'leaderboard',
  () => new SortedMembers(),
  LEADERBOARD_BYTES,
);

function memberBytes(member: string): number {
  return MEMBER_BYTES + textBytes(member);
}

/** Returns the bytes by which a leaderboard grows when a member gets a score. */
function growth(member: string) {
  return (content: LeaderboardItem['content'] | undefined): number =>
    content?.score(member) === undefined ? memberBytes(member) : 0;
}

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
    write(data, key, now, growth(member), ({ content }) => content.set(member, score)),

  scoreIncrement: (data, { key, member, by }, now) => {
    const before = read(data, key, now, 0, ({ content }) => content.score(member) ?? 0);
    if (typeof before !== 'number') {
      return before;
    }
    const score = before + by;
    if (!Number.isFinite(score)) {
      return { failed: 'range', found: String(before) };
    }
    return write(data, key, now, growth(member), ({ content }) => {
      content.set(member, score);
      return score;
    });
  },

  scoreRemove: (data, { key, member }, now) =>
    read(data, key, now, false, item => {
      const wasThere = item.content.delete(member);
      if (wasThere) {
        data.resize(item, item.bytes - memberBytes(member));
      }
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
