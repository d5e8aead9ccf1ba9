import { types } from 'node:util';
import { StateInputError } from '../errors/state-input.error.js';

/**
 * A value as JSON, if JSON can carry it: what comes back is equal to what went in. Properties that are
 * `undefined` are left out, and what has a `toJSON()`, such as a `Date`, is what that says.
 *
 * @param maxBytes how long the text may be, as UTF-8
 * @throws StateInputError
 * @internal
 */
export function toJson(key: string, value: unknown, maxBytes: number): string {
  let text: string | undefined;
  try {
    text = isPlain(value) ? JSON.stringify(value) : JSON.stringify(value, refuse(key));
  } catch (cause) {
    if (cause instanceof StateInputError) {
      throw cause;
    }
    // A cycle, a BigInt, or something nested too deep.
    throw notJson(key, (cause as Error).message.split('\n')[0]!, cause);
  }
  if (text === undefined) {
    throw notJson(key, describe(value));
  }
  // A character has three bytes at most.
  if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes) {
    throw new StateInputError(
      key,
      `The value for "${key}" has ${Buffer.byteLength(text)} bytes as JSON; ${maxBytes} are allowed (state.maxValueBytes).`,
    );
  }
  return text;
}

/**
 * @throws StateInputError if the text, which somebody else has written, is not JSON
 * @internal
 */
export function fromJson(key: string, text: string | null): unknown {
  if (text === null) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StateInputError(key, `What stands at "${key}" is no JSON: somebody else wrote it.`, {
      cause,
    });
  }
}

function isPlain(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value === null ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

function refuse(key: string) {
  return function (this: unknown, name: string, value: unknown): unknown {
    const isProperty = name !== '' && !Array.isArray(this);
    if (value === undefined ? !isProperty : !isCarried(value)) {
      throw notJson(key, name === '' ? describe(value) : `${describe(value)} at "${name}"`);
    }
    return value;
  };
}

function isCarried(value: unknown): boolean {
  if (typeof value === 'object') {
    return !types.isMap(value) && !types.isSet(value) && !isOpaque(value);
  }
  return isPlain(value);
}

/** What JSON would make `{}` of, or an object of numbers. */
function isOpaque(value: unknown): boolean {
  return (
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isPromise(value) ||
    types.isRegExp(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isNativeError(value) ||
    ArrayBuffer.isView(value)
  );
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return `a ${value.constructor?.name ?? 'strange object'}`;
  }
  return ['function', 'symbol', 'bigint'].includes(typeof value)
    ? `a ${typeof value}`
    : String(value);
}

function notJson(key: string, what: string, cause?: unknown): StateInputError {
  return new StateInputError(
    key,
    `JSON cannot carry the value for "${key}": ${what}. Nothing was stored.`,
    { cause },
  );
}
