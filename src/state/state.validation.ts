import { StateInputError } from '../model/errors/state-input.error.js';
import { asText, quoted, shown } from '../system/text/shown.js';
import { MAX_DURATION } from './max-duration.js';

const MAX_KEY_BYTES = 1_024;

/**
 * Whether something can be a name: of a key, a field, a member.
 *
 * @param what as in "a key"
 * @throws StateInputError
 * @internal
 */
export function checkName(name: unknown, what = 'A key'): asserts name is string {
  if (typeof name !== 'string' || name === '') {
    throw new StateInputError(
      asText(name),
      `${what} is a text of at least one character, not ${shown(name)}.`,
    );
  }
  if (name.length * 3 > MAX_KEY_BYTES && Buffer.byteLength(name) > MAX_KEY_BYTES) {
    throw new StateInputError(
      name,
      `${what} has at most ${MAX_KEY_BYTES} bytes; "${name.slice(0, 40)}…" has ${Buffer.byteLength(name)}.`,
    );
  }
  // Half of a character becomes another one on its way: two names would become one.
  if (/\p{Surrogate}/u.test(name)) {
    throw new StateInputError(name, `${what} is well-formed Unicode; ${shown(name)} is not.`);
  }
}

/**
 * Whether something can be a list of keys.
 *
 * @throws StateInputError
 * @internal
 */
export function checkNames(names: unknown): asserts names is readonly string[] {
  if (!Array.isArray(names)) {
    throw new StateInputError(asText(names), `Keys are a list of texts, not ${shown(names)}.`);
  }
  // Not `forEach()`, which passes over holes.
  for (const name of names as readonly unknown[]) {
    checkName(name);
  }
}

/**
 * @param what as in "ttl of the counter"
 * @throws StateInputError unless it is a whole number of milliseconds, from `min` to ten years
 * @internal
 */
export function checkMilliseconds(key: string, what: string, value: unknown, min = 1): void {
  checkWhole(key, what, value, min, MAX_DURATION, 'milliseconds');
}

/** @throws StateInputError unless it is a whole number within the bounds @internal */
export function checkWhole(
  key: string,
  what: string,
  value: unknown,
  min: number = Number.MIN_SAFE_INTEGER,
  max: number = Number.MAX_SAFE_INTEGER,
  unit = '',
): void {
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    throw new StateInputError(
      key,
      `${what} "${key}" takes a whole number${unit && ` of ${unit}`} from ${min} to ${max}, not ${shown(value)}.`,
    );
  }
}

/** @throws StateInputError unless it is a finite number @internal */
export function checkFinite(key: string, what: string, value: unknown): void {
  if (!Number.isFinite(value)) {
    throw new StateInputError(key, `${what} "${key}" takes a finite number, not ${shown(value)}.`);
  }
}

/** @throws StateInputError unless it is an object with no other than the known options @internal */
export function checkOptions(key: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new StateInputError(
      key,
      `The options for "${key}" are an object with any of ${known.join(', ')}, not ${shown(options)}.`,
    );
  }
  const unknown = Object.keys(options).find(name => !known.includes(name));
  if (unknown !== undefined) {
    throw new StateInputError(
      key,
      `There is no option ${quoted(unknown)} for "${key}". There is ${known.join(', ')}.`,
    );
  }
}

/**
 * @param what as in "The task of the lock"
 * @throws StateInputError unless it is a function
 * @internal
 */
export function checkFunction(key: string, what: string, value: unknown): void {
  if (typeof value !== 'function') {
    throw new StateInputError(key, `${what} "${key}" is a function, not ${shown(value)}.`);
  }
}
