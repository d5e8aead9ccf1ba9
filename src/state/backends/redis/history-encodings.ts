import { asBoolean, asPairs, type Encodings } from './encoding.interface.js';
import { text } from '../../../validation/shape/scalars.js';
import { nullable } from '../../../validation/shape/structures.js';
import { offsetShape } from '../../offset.js';
import { flag, listOf, texts, whole } from './reply-shapes.js';
import type { RedisKeys } from './redis-keys.js';

const atHistory = ({ key }: { readonly key: string }, keys: RedisKeys): string[] => [
  keys.of('history', key),
];

const entry = [offsetShape, text()] as const;

/** The encodings of the operations on topic logs. @internal */
export const HISTORY_ENCODINGS: Encodings<
  | 'append'
  | 'history'
  | 'newest'
  | 'historyFacts'
  | 'historyDelete'
  | 'groupJoin'
  | 'groupTake'
  | 'groupDone'
  | 'groupMembers'
  | 'groupInherit'
  | 'groupLeave'
  | 'groupDelete'
> = {
  append: {
    reply: offsetShape,
    keys: atHistory,
    args: ({ key, event, keep, maxAge = '', maxBytes = '' }, keys) => [
      'append',
      event,
      keep,
      maxAge,
      maxBytes,
      keys.publishing,
      keys.topicChannelArg(key),
    ],
  },
  history: {
    reply: listOf([offsetShape, flag], entry),
    keys: atHistory,
    args: ({ after, count }) => ['history', after, count],
    read: ([last, follows, ...entries]: [string, number | string, ...string[]]) => ({
      entries: asPairs(entries),
      last,
      follows: asBoolean(follows),
    }),
  },
  newest: { reply: nullable(listOf(entry)), keys: atHistory, args: () => ['newest'] },
  historyFacts: {
    reply: nullable(listOf([whole(0), offsetShape], [text(), whole(0), whole(0)])),
    keys: atHistory,
    args: () => ['historyFacts'],
    read: ([length, last, ...groups]: [number | string, string, ...(number | string)[]]) => ({
      length: Number(length),
      last,
      groups: Array.from({ length: groups.length / 3 }, (_, index) => {
        const [name, pending, waiting] = groups.slice(3 * index);
        return [String(name), Number(pending), Number(waiting)] as const;
      }),
    }),
  },
  historyDelete: {
    reply: flag,
    keys: atHistory,
    args: () => ['historyDelete'],
    read: asBoolean,
  },

  groupJoin: {
    reply: flag,
    keys: atHistory,
    args: ({ group }) => ['groupJoin', group],
    read: asBoolean,
  },
  groupTake: {
    reply: listOf([whole(0)], entry),
    keys: atHistory,
    args: ({ group, member, count, again }) => [
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
    reply: whole(0),
    keys: atHistory,
    args: ({ group, offsets }) => ['groupDone', group, JSON.stringify(offsets)],
    read: Number,
  },
  groupMembers: { reply: texts, keys: atHistory, args: ({ group }) => ['groupMembers', group] },
  groupInherit: {
    reply: listOf([whole(0), whole(0)]),
    keys: atHistory,
    args: ({ group, member, dead }) => ['groupInherit', group, member, JSON.stringify(dead)],
    read: (reply: readonly (number | string)[]) => {
      const [inherited, missed] = reply.map(Number) as [number, number];
      return { inherited, missed };
    },
  },
  groupLeave: {
    reply: flag,
    keys: atHistory,
    args: ({ group, member }) => ['groupLeave', group, member],
    read: asBoolean,
  },
  groupDelete: {
    reply: flag,
    keys: atHistory,
    args: ({ group }) => ['groupDelete', group],
    read: asBoolean,
  },
};
