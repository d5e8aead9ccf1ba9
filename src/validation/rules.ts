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
 * @param example an example of such a string
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
  // The value may be meant for another option and may be a secret.
  faultsOf: value => [{ expected: 'a function', received: kindOf(value) }],
};

/** The decorators of a controller that a module creates. @internal */
export const classDecorators: Rule<readonly unknown[]> = {
  expected: 'a list of class decorators',
  accept: value =>
    Array.isArray(value) && value.every(each => typeof each === 'function') ? value : undefined,
};

/** @internal */
export const abortSignal: Rule<AbortSignal> = {
  expected: 'an AbortSignal',
  accept: value => (value instanceof AbortSignal ? value : undefined),
  faultsOf: value => [{ expected: 'an AbortSignal', received: kindOf(value) }],
};

/** One of the given strings. @internal */
export function oneOf<T extends string>(...values: readonly T[]): Rule<T> {
  return {
    expected: `one of ${values.map(value => `'${value}'`).join(', ')}`,
    accept: value => values.find(each => each === value),
  };
}

/** A string that meets a condition; any string by default. @internal */
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
 * A name: a string without lone surrogates, so that it stays the same in other processes.
 *
 * @param maxBytes the maximum length as UTF-8
 * @param forbidden a pattern of further forbidden characters
 * @internal
 */
export function name(
  maxBytes: number,
  expected = 'a string of at least one character',
  forbidden?: { readonly pattern: RegExp; readonly expected: string },
): Rule<string> {
  const isTooLong = (value: string): boolean => bytesBeyond(value, maxBytes) !== undefined;
  // A lone surrogate is replaced when it is sent: two different names would become one.
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

/** Makes a field required. @internal */
export function required<T>(rule: Rule<T>): Rule<T> & { readonly isRequired: true } {
  return { ...rule, isRequired: true };
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}
