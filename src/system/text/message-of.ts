import { UNREADABLE } from './printable.js';
import { asText } from './shown.js';

/** Maximum characters of a message that is sent to another process. */
const MAX_LENGTH = 10_000;

/**
 * Returns the message of a value that a user's code threw. The result is a string, although `message` can have any type
 * and can throw.
 *
 * @internal
 */
export function messageOf(error: unknown): string {
  try {
    return asText(error instanceof Error ? error.message : error).slice(0, MAX_LENGTH);
  } catch {
    return UNREADABLE;
  }
}
