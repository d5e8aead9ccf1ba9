import { integer, literal, matching } from '../validation/shape/scalars.js';
import { either, list } from '../validation/shape/structures.js';
import type { Shape } from '../validation/shape/shape.js';
import { redisMessages } from './redis.messages.js';

/** A count. Numbers arrive as strings with the client option `stringNumbers`. */
const count = either('a whole number', integer({ min: 0 }), matching(/^\d{1,16}$/, ''));

const ok = literal('OK');

const time: Shape<readonly (number | string)[]> = list(count, { maxLength: 2 });

/** A server sent a reply that is impossible for the command. @internal */
export class UnexpectedReplyError extends Error {}

/**
 * Returns a reply that is a count, of keys, replicas or receivers.
 *
 * @throws UnexpectedReplyError if the reply is not a count
 * @internal
 */
export function asCount(command: string, reply: unknown): number {
  assertReply(command, count, reply);
  return Number(reply);
}

/** @throws UnexpectedReplyError if the reply is not `OK` @internal */
export function assertOk(command: string, reply: unknown): void {
  assertReply(command, ok, reply);
}

/**
 * Returns the server's time in milliseconds from a reply to `TIME`.
 *
 * @throws UnexpectedReplyError if the reply has another shape
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
