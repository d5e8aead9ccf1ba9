import { inspect } from 'node:util';

/** Longer strings are not typing errors of an option that takes a word or a number. */
const SHOWN_CHARACTERS = 60;

/** Matches texts that may be a part of a URL, and so contain a password. @internal */
export const LIKE_URL = /@|\/\//;

/**
 * Returns a value in the form for error messages. Errors are logged, and a value that was meant for another option
 * may be a password. So only numbers, constants, and short strings that cannot be part of a URL are shown.
 *
 * @internal
 */
export function describeReceived(value: unknown): string {
  if (typeof value === 'string') {
    const isShown = value.length <= SHOWN_CHARACTERS && !LIKE_URL.test(value);
    // `inspect()` escapes control characters.
    return isShown ? inspect(value) : kindOf(value);
  }
  return ['number', 'boolean', 'bigint', 'undefined'].includes(typeof value) || value === null
    ? String(value)
    : kindOf(value);
}

/** Returns the type of a value, and nothing else of it, for values that may be secret. @internal */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  if (typeof value === 'string') {
    return value === '' ? 'an empty string' : 'a string';
  }
  if (typeof value === 'object') {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  return `a ${typeof value}`;
}
