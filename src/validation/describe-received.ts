import { inspect } from 'node:util';

/** Longer texts are no typing errors of an option that takes a word or a number. */
const SHOWN_CHARACTERS = 60;

/**
 * A value as an error message shows it. Errors are logged, and a value that was meant for another option may be a
 * password: only numbers, constants and short texts that cannot be part of a URL are shown.
 *
 * @internal
 */
export function describeReceived(value: unknown): string {
  if (typeof value === 'string') {
    const isShown = value.length <= SHOWN_CHARACTERS && !/@|:\/\/|\/\//.test(value);
    // Escapes control characters.
    return isShown ? inspect(value) : kindOf(value);
  }
  return ['number', 'boolean', 'bigint', 'undefined'].includes(typeof value) || value === null
    ? String(value)
    : kindOf(value);
}

/** What kind of value it is, and nothing else of it: for what may be secret. @internal */
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
