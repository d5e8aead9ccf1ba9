import { asBoolean, asPairs, type Encodings } from './encoding.interface.js';
import type { RedisKeys } from './redis-keys.js';

const atHistory = ({ key }: { readonly key: string }, keys: RedisKeys): string[] => [
  keys.of('history', key),
];

/** Of the operations on what is kept of topics. @internal */
export const HISTORY_ENCODINGS: Encodings<
  | 'append'
  | 'history'
  | 'newest'
  | 'groupJoin'
  | 'groupTake'
  | 'groupDone'
  | 'groupMembers'
  | 'groupInherit'
  | 'groupLeave'
> = {
  append: {
    keys: atHistory,
    words: ({ key, event, keep, maxAge = '' }, keys) => [
      'append',
      event,
      keep,
      maxAge,
      keys.publishing,
      keys.topicChannel(key),
    ],
  },
  history: {
    keys: atHistory,
    words: ({ after, count }) => ['history', after, count],
    read: ([last, ...entries]: [string, ...string[]]) => ({ entries: asPairs(entries), last }),
  },
  newest: { keys: atHistory, words: () => ['newest'] },

  groupJoin: { keys: atHistory, words: ({ group }) => ['groupJoin', group], read: asBoolean },
  groupTake: {
    keys: atHistory,
    words: ({ group, member, count, again }) => [
      'groupTake',
      group,
      member,
      count,
      again ? 'again' : '',
    ],
    read: ([missed, ...entries]: [number | string, ...string[]]) => ({
      entries: asPairs(entries),
      missed: Number(missed),
    }),
  },
  groupDone: {
    keys: atHistory,
    words: ({ group, positions }) => ['groupDone', group, JSON.stringify(positions)],
    read: Number,
  },
  groupMembers: { keys: atHistory, words: ({ group }) => ['groupMembers', group] },
  groupInherit: {
    keys: atHistory,
    words: ({ group, member, dead }) => ['groupInherit', group, member, JSON.stringify(dead)],
    read: (reply: readonly (number | string)[]) => {
      const [inherited, missed] = reply.map(Number) as [number, number];
      return { inherited, missed };
    },
  },
  groupLeave: {
    keys: atHistory,
    words: ({ group, member }) => ['groupLeave', group, member],
    read: asBoolean,
  },
};
