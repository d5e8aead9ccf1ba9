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
  tooMuchAtOnce: (bytes: number, most: number) =>
    `a read of ${mebibytes(bytes)} MiB does not fit into the ${mebibytes(most)} MiB that one answer may have. ` +
    'Read less at once, or split the map',
  tooFewReplicas: (count: number, wanted: number) =>
    `${count} of ${wanted} replicas have confirmed it`,
};

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
