import { shown } from './shown.js';

/** Messages that are sent to other processes are not longer. */
const MAX_LENGTH = 10_000;

/**
 * Returns the message of whatever a user's code has thrown: always a text, because a message may be anything.
 *
 * @internal
 */
export function messageOf(error: unknown): string {
  const message: unknown = error instanceof Error ? error.message : error;
  return (typeof message === 'string' ? message : shown(message)).slice(0, MAX_LENGTH);
}
