import { inspect } from 'node:util';
import { StateInputError } from '../errors/state-input.error.js';

const MAX_KEY_BYTES = 1_024;

/** The longest time that Redis and Node's timers can both hold, in milliseconds. */
const MAX_MILLISECONDS = 2 ** 31 - 1;

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
      String(name),
      `${what} is a text of at least one character, not ${inspect(name, { depth: 0 })}.`,
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
    throw new StateInputError(name, `${what} is well-formed Unicode; ${inspect(name)} is not.`);
  }
}

/**
 * @param what as in "ttl of the counter"
 * @throws StateInputError unless it is a whole number of milliseconds, 1 at least
 * @internal
 */
export function checkMilliseconds(key: string, what: string, value: unknown, min = 1): void {
  checkWhole(key, what, value, min, MAX_MILLISECONDS, 'milliseconds');
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
      `${what} "${key}" takes a whole number${unit && ` of ${unit}`} from ${min} to ${max}, not ${inspect(value, { depth: 0 })}.`,
    );
  }
}

/** @throws StateInputError unless it is a finite number @internal */
export function checkFinite(key: string, what: string, value: unknown): void {
  if (!Number.isFinite(value)) {
    throw new StateInputError(
      key,
      `${what} "${key}" takes a finite number, not ${inspect(value, { depth: 0 })}.`,
    );
  }
}

/** @throws StateInputError for an option that does not exist @internal */
export function checkOptions(key: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new StateInputError(
      key,
      `The options for "${key}" are an object with any of ${known.join(', ')}, not ${inspect(options)}.`,
    );
  }
  const unknown = Object.keys(options).find(name => !known.includes(name));
  if (unknown !== undefined) {
    throw new StateInputError(
      key,
      `There is no option "${unknown}" for "${key}". There is ${known.join(', ')}.`,
    );
  }
}
