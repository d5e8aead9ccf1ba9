import { inspect } from 'node:util';
import { printable } from './printable.js';

/** Characters of a value that a message shows at most. */
const MAX_CHARACTERS = 80;

/**
 * A value as error messages show it: on one line, shortened, without control characters. Never throws,
 * whatever the value does when it is looked at.
 *
 * @internal
 */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: MAX_CHARACTERS });
  } catch {
    text = `a strange ${typeof value}`;
  }
  const line = text.replace(/[\p{Cc}\p{Surrogate}\p{Bidi_Control}\u2028\u2029]+/gu, ' ');
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line;
}

/** The text itself if it is one; otherwise as it is shown. @internal */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : shown(value);
}

/** A name in double quotes, shortened and without control characters. @internal */
export function quoted(name: string): string {
  return printable(JSON.stringify(name.slice(0, MAX_CHARACTERS)));
}
