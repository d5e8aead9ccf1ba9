import { quoted } from '../system/text/shown.js';
import type { Operation, OperationName } from './operation.js';
import { describeMismatch, type Mismatch } from '../validation/shape.js';
import { printable } from '../system/text/printable.js';

/** Why a call on the shared state did not get what it asked for, and what is logged of it. @internal */
export const stateMessages = {
  unreachable: () => 'the backend is not to be reached',
  unanswered: () => 'the backend did not answer in time',
  unintelligible: () => 'the backend gave an answer that makes no sense',
  closed: () => 'the application has closed',
  primaryUnreachable: () => 'the primary did not answer',
  primaryFailed: (what: string) => `the primary is not able to: ${printable(what)}`,
  redisSaid: (what: string) => `Redis is not able to: ${printable(what)}`,
  redisFull: (what: string) => `the Redis server is full: ${printable(what.replace(/\.$/, ''))}`,
  unexpectedReply: (mismatch: Mismatch) =>
    `Redis: the result of an operation was unexpected: ${describeMismatch(mismatch, 'it')}`,
  redisReplied: (why: string) => `Redis: ${printable(why)}`,
  tooMuchAtOnce: ({ name, key }: Operation, bytes: number, most: number) => {
    const [what, remedy] = LARGE_READS[name] ?? ['the answer about', 'Read less at once'];
    return (
      `${what} ${quoted(key)} takes ${mebibytes(bytes)} MiB, and all that is read at once may have ` +
      `${mebibytes(most)} MiB (a quarter of state.maxMemory, from 2 to 64 MiB). ${remedy}`
    );
  },
  tooFewReplicas: (count: number, wanted: number) =>
    `${count} of ${wanted} replicas have confirmed it`,
};

/** What may be too large to be read at once, and what to do then. */
const LARGE_READS: Partial<
  Readonly<Record<OperationName, readonly [what: string, remedy: string]>>
> = {
  mapEntries: ['the map', 'Read its fields with get(), or split it into several maps'],
  scoreTop: ['the leaderboard', 'Ask for fewer members with top(count)'],
  get: ['the value', 'Read fewer large values at once'],
  mapGet: ['a field of the map', 'Read fewer large fields at once'],
  history: ['the history of the topic', 'It is read again later'],
  newest: ['the last event of the topic', 'It is read again later'],
};

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
