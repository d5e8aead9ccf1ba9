import { quoted } from '../system/text/shown.js';
import { backendMessages } from '../model/backend.messages.js';
import type { Operation, OperationName } from './operation.js';
import type { Mismatch } from '../validation/shape/shape.js';
import { describeMismatch } from '../validation/shape/describe-mismatch.js';
import { printable } from '../system/text/printable.js';

/** Reasons for failed calls on the shared state, as error messages and log lines give them. @internal */
export const stateMessages = {
  ...backendMessages,
  deferred: () =>
    'the reads before it returned more data than the backend could send in time. Ask for fewer values at once',
  notRecorded: (task: string, why: string) =>
    `${why}. The task ${quoted(task)} has run, but is not recorded as done, so the next call runs it again`,
  nodeLeft: () => 'a node has left the Redis Cluster; read the keys again',
  unintelligible: () => 'the backend sent an invalid reply',
  draining: () => 'this worker drains and has answered its requests, so it gets no locks',
  primaryFailed: (what: string) => `the primary reported an error: ${printable(what)}`,
  redisSaid: (what: string) => `Redis reported an error: ${printable(what.replace(/\.$/, ''))}`,
  redisFull: (what: string) => `the Redis server is full: ${printable(what.replace(/\.$/, ''))}`,
  unexpectedReply: (mismatch: Mismatch) =>
    `Redis sent an invalid result: ${describeMismatch(mismatch, 'it')}`,
  redisReplied: (why: string) => `Redis: ${printable(why)}`,
  tooMuchAtOnce: ({ name, key }: Operation, bytes: number, most: number) =>
    tooLarge(
      name,
      ` ${quoted(key)} takes ${mebibytes(bytes)} MiB, more than one read may return: ` +
        `${mebibytes(most)} MiB (a quarter of state.maxMemory, between 2 and 64 MiB)`,
    ),
  tooLargeForRedis: (name: OperationName, bytes: number, most: number) =>
    tooLarge(
      name,
      ` takes ${mebibytes(bytes)} MiB, more than one read from Redis may return: ${mebibytes(most)} MiB`,
    ),
  tooFewReplicas: (count: number, wanted: number) =>
    `only ${count} of ${wanted} replicas confirmed it`,
};

/** Reads whose result may be too large, with a remedy for the error message. */
const LARGE_READS: Partial<
  Readonly<Record<OperationName, readonly [what: string, remedy: string]>>
> = {
  mapEntries: ['the map', 'Read its fields with get(), or split it into several maps'],
  scoreTop: ['the leaderboard', 'Ask for fewer members with top(count)'],
  get: ['the value', 'Store it in several keys'],
  mapGet: ['the field', 'Store it in several fields'],
};

const FALLBACK = ['the result', 'Store less under one name'] as const;

/** Names what is too large before `why`, and says what to do after it. */
function tooLarge(name: OperationName, why: string): string {
  const [what, remedy] = LARGE_READS[name] ?? FALLBACK;
  return `${what}${why}. ${remedy}`;
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
