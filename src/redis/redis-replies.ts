import { either, integer, list, literal, matching, type Shape } from '../validation/shape.js';
import { redisMessages } from './redis.messages.js';

/** A client may have numbers come as texts (`stringNumbers`). */
const count = either('a whole number', integer({ min: 0 }), matching(/^\d{1,16}$/, ''));

const ok = literal('OK');

const time: Shape<readonly (number | string)[]> = list(count, { maxLength: 2 });

/** A server has answered something that no reply to this command can be. @internal */
export class UnexpectedReplyError extends Error {}

/**
 * A number of keys, of replicas, of those who have received a message.
 *
 * @throws UnexpectedReplyError if it is none
 * @internal
 */
export function asCount(command: string, reply: unknown): number {
  assertReply(command, count, reply);
  return Number(reply);
}

/** @throws UnexpectedReplyError if it is not `OK` @internal */
export function assertOk(command: string, reply: unknown): void {
  assertReply(command, ok, reply);
}

/**
 * The clock of a server in milliseconds, as `TIME` tells it.
 *
 * @throws UnexpectedReplyError if it does not
 * @internal
 */
export function asTime(reply: unknown): number {
  assertReply('TIME', time, reply);
  const [seconds, microseconds] = reply as readonly (number | string)[];
  if (seconds === undefined || microseconds === undefined) {
    throw new UnexpectedReplyError(
      redisMessages.unexpectedReply('TIME', {
        path: [],
        expected: 'two whole numbers',
        received: reply,
      }),
    );
  }
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
}

/** @throws UnexpectedReplyError if a reply does not have its shape @internal */
export function assertReply(command: string, shape: Shape<unknown>, reply: unknown): void {
  const mismatch = shape(reply);
  if (mismatch) {
    throw new UnexpectedReplyError(redisMessages.unexpectedReply(command, mismatch));
  }
}
