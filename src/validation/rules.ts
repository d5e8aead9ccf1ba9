import { bytesBeyond } from '../system/text/json-text.js';
import { shown } from '../system/text/shown.js';
import { parseBytes } from '../system/limits/parse-bytes.js';
import { kindOf } from './describe-received.js';
import type { Rule } from './rule.interface.js';

/** A whole number from `min` to `max`. @internal */
export function whole(
  min: number = Number.MIN_SAFE_INTEGER,
  max: number = Number.MAX_SAFE_INTEGER,
  unit = '',
): Rule<number> {
  return {
    expected: `a whole number${unit && ` of ${unit}`} from ${min} to ${max}`,
    accept: value => (isWhole(value, min, max) ? value : undefined),
  };
}

/** @internal */
export function milliseconds(min: number, max: number): Rule<number> {
  return whole(min, max, 'milliseconds');
}

/**
 * A whole number of bytes, or a string such as `'512kb'`.
 *
 * @param example such a text
 * @internal
 */
export function bytes(example: string, max = Number.MAX_SAFE_INTEGER): Rule<number> {
  return {
    expected: `a whole number of bytes from 1 to ${max}, or a string such as '${example}'`,
    accept: value => {
      const size = typeof value === 'string' ? parseBytes(value) : value;
      return isWhole(size, 1, max) ? size : undefined;
    },
  };
}

/** @internal */
export const finite: Rule<number> = {
  expected: 'a finite number',
  accept: value => (Number.isFinite(value) ? (value as number) : undefined),
};

/** @internal */
export const trueOrFalse: Rule<boolean> = {
  expected: 'true or false',
  accept: value => (typeof value === 'boolean' ? value : undefined),
};

/** @internal */
export const aFunction: Rule<(...args: never[]) => unknown> = {
  expected: 'a function',
  accept: value => (typeof value === 'function' ? (value as () => unknown) : undefined),
  // What is given in its place may have been meant for another option, and be a secret.
  faultsOf: value => [{ expected: 'a function', received: kindOf(value) }],
};

/** One of these texts. @internal */
export function oneOf<T extends string>(...values: readonly T[]): Rule<T> {
  return {
    expected: `one of ${values.map(value => `'${value}'`).join(', ')}`,
    accept: value => values.find(each => each === value),
  };
}

/** A string for which a condition holds; any text without one. @internal */
export function text(
  expected: string,
  accepts: (text: string) => boolean = () => true,
): Rule<string> {
  return {
    expected,
    accept: value => (typeof value === 'string' && accepts(value) ? value : undefined),
  };
}

/**
 * A name: a text that stays the same on its way to other processes, whose characters are therefore complete.
 *
 * @param maxBytes as UTF-8
 * @param forbidden characters beside halves of them
 * @internal
 */
export function name(
  maxBytes: number,
  expected = 'a string of at least one character',
  forbidden?: { readonly pattern: RegExp; readonly expected: string },
): Rule<string> {
  const isTooLong = (value: string): boolean => bytesBeyond(value, maxBytes) !== undefined;
  // Half of a character becomes another one on its way: two names would become one.
  const pattern = forbidden?.pattern ?? /\p{Surrogate}/u;
  return {
    expected,
    accept: value =>
      typeof value === 'string' && value !== '' && !isTooLong(value) && !pattern.test(value)
        ? value
        : undefined,
    faultsOf: value => {
      if (typeof value !== 'string' || value === '') {
        return [];
      }
      return isTooLong(value)
        ? [
            {
              expected: `a string of at most ${maxBytes} bytes`,
              received: `"${value.slice(0, 40)}…" with ${Buffer.byteLength(value)} bytes`,
            },
          ]
        : [{ expected: forbidden?.expected ?? 'well-formed Unicode', received: shown(value) }];
    },
  };
}

/** A rule whose field may not be left out. @internal */
export function required<T>(rule: Rule<T>): Rule<T> & { readonly isRequired: true } {
  return { ...rule, isRequired: true };
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}
