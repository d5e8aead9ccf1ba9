import { isReplyError } from '../../../redis/connection/is-reply-error.js';
import { isDeniedInScript, isNotRun, replyCode } from '../../../redis/connection/refusal-scope.js';
import { redactError } from '../../../redis/connection/redact-error.js';
import { RedisNotReadyError } from '../../../redis/redis-link.js';
import { UnexpectedReplyError } from '../../../redis/redis-replies.js';
import { stateMessages } from '../../state.messages.js';

/**
 * Errors with which a server refuses a command without applying it; a retry, possibly on another server, may succeed.
 * https://github.com/redis/redis/blob/7.0/src/server.c, `createSharedObjects()`
 */
const REFUSALS = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOAUTH',
  'NOPERM',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
  'WRONGPASS',
]);

/** Returns whether the error means that the server applied nothing. @internal */
export function isRefusal({ message }: Error): boolean {
  return (REFUSALS.has(replyCode(message)) || isNotRun(message)) && !isDeniedInScript(message);
}

/** Returns whether the error means that the server has no memory left and applied nothing. @internal */
export function isFull({ message }: Error): boolean {
  return message.startsWith('OOM');
}

/**
 * Returns whether a retry would be refused, too: the user lacks a permission, or the server does not accept the command. If
 * the permission is missing for a command in a script, a retry would also repeat the commands before it.
 *
 * @internal
 */
export function isFinal({ message }: Error): boolean {
  return replyCode(message) === 'NOPERM' || isDeniedInScript(message) || isNotRun(message);
}

/**
 * Returns an error of ioredis with the reply of the server, or without the texts of ioredis about a lost connection, as
 * the reason why a call failed.
 *
 * @internal
 */
export function describedError(error: Error): Error {
  if (error instanceof UnexpectedReplyError || error instanceof RedisNotReadyError) {
    return error;
  }
  const cause = redactError(error);
  const why = isReplyError(cause)
    ? stateMessages.redisSaid(cause.message)
    : stateMessages.unreachable();
  return new Error(why, { cause });
}
