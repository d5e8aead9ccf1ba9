import { describeMismatch, type Mismatch } from '../validation/shape.js';

/** What is said of the connection to Redis. @internal */
export const redisMessages = {
  unanswered: () => 'it did not answer in time',
  unexpectedReply: (command: string, mismatch: Mismatch) =>
    `the reply to ${command} was unexpected: ${describeMismatch(mismatch, 'it')}`,
  lost: (why: string) =>
    `Redis is not to be reached (${why}). The application serves on; what needs Redis fails.`,
  regained: () => 'Redis is there again.',
  silent: (address: string) =>
    `The node ${address} of the Redis Cluster does not answer: it gets another connection.`,
  deaf: (channel: string) =>
    `This Redis user may not subscribe to ${channel}: what is published there is not heard. Grant it &<namespace>~*`,
  noPassword: (error: string) =>
    `The function that should return the password of Redis failed (${error}); its message may contain the password and is not logged. Catch and log the error in that function to see it.`,
  noText: (kind: string) =>
    `The function that should return the password of Redis returned ${kind}, not a text.`,
};
