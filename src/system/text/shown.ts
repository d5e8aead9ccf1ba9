import { inspect } from 'node:util';
import { printable } from './printable.js';

/** Maximum characters of a value in a message. */
const MAX_CHARACTERS = 80;

/**
 * Returns a value in the form for error messages: on one line, shortened, without control characters. Never throws.
 *
 * @internal
 */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: MAX_CHARACTERS });
  } catch {
    text = `an unreadable ${typeof value}`;
  }
  const line = text.replace(/[\p{Cc}\p{Surrogate}\p{Bidi_Control}\u2028\u2029]+/gu, ' ');
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line;
}

/** Returns a string unchanged, and other values as {@link shown} does. @internal */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : shown(value);
}

/** Returns a name in double quotes, shortened and without control characters. @internal */
export function quoted(name: string): string {
  return printable(JSON.stringify(name.slice(0, MAX_CHARACTERS)));
}
