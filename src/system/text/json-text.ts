import { types } from 'node:util';
import { quoted, shown } from './shown.js';

/** What is nested deeper may have no end. */
const MAX_PLAIN_DEPTH = 20;

/** JSON cannot carry a value. @internal */
export class NotJsonError extends Error {
  /** @param what it is that JSON cannot carry, as in "a Map at "seats"" */
  constructor(
    readonly what: string,
    options?: ErrorOptions,
  ) {
    super(what, options);
  }
}

/**
 * A value as JSON, if JSON can carry it: what comes back is equal to what went in. Properties that are
 * `undefined` are left out, and what has a `toJSON()`, such as a `Date`, is what that says.
 *
 * @throws NotJsonError
 * @internal
 */
export function jsonText(value: unknown): string {
  let text: string | undefined;
  try {
    text = isPlain(value, 0) ? JSON.stringify(value) : JSON.stringify(value, refuse);
  } catch (cause) {
    if (cause instanceof NotJsonError) {
      throw cause;
    }
    // A cycle, a BigInt, something nested too deep, or whatever a `toJSON()` or a getter throws.
    const what = cause instanceof Error ? cause.message.split('\n')[0]! : shown(cause);
    throw new NotJsonError(what, { cause });
  }
  if (text === undefined) {
    throw new NotJsonError(describe(value));
  }
  return text;
}

/** How many bytes a text has as UTF-8, if these are more than `max`. @internal */
export function bytesBeyond(text: string, max: number): number | undefined {
  // A character has three bytes at most.
  if (text.length * 3 <= max) {
    return undefined;
  }
  const bytes = Buffer.byteLength(text);
  return bytes > max ? bytes : undefined;
}

/**
 * Whether there is nothing in it that has to be looked at more closely: most values are like this, and
 * this is much faster than to be asked for each property.
 */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return isPlainPrimitive(value);
  }
  if (depth > MAX_PLAIN_DEPTH) {
    return false;
  }
  if (Array.isArray(value)) {
    // Not `every()`, which passes over holes.
    for (let place = 0; place < value.length; place++) {
      if (!isPlain(value[place], depth + 1)) {
        return false;
      }
    }
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) {
    return false;
  }
  for (const name in value) {
    const property = (value as Record<string, unknown>)[name];
    if (property !== undefined && !isPlain(property, depth + 1)) {
      return false;
    }
  }
  return true;
}

function isPlainPrimitive(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value === null ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

function refuse(this: unknown, name: string, value: unknown): unknown {
  const isProperty = name !== '' && !Array.isArray(this);
  const original = (this as Record<string, unknown>)[name];
  // Their `toJSON()` makes something of them that nobody wants: a list of numbers, and null.
  if (ArrayBuffer.isView(original) || isInvalidDate(original)) {
    throw notCarried(name, original);
  }
  if (value === undefined ? !isProperty : !isCarried(value)) {
    throw notCarried(name, value);
  }
  return value;
}

function notCarried(name: string, value: unknown): NotJsonError {
  return new NotJsonError(name === '' ? describe(value) : `${describe(value)} at ${quoted(name)}`);
}

function isInvalidDate(value: unknown): boolean {
  return types.isDate(value) && Number.isNaN(value.getTime());
}

function isCarried(value: unknown): boolean {
  if (typeof value === 'object') {
    return !types.isMap(value) && !types.isSet(value) && !isOpaque(value);
  }
  return isPlainPrimitive(value);
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
  if (isInvalidDate(value)) {
    return 'an invalid Date';
  }
  if (typeof value === 'object' && value !== null) {
    return `a ${nameOf(value) ?? 'strange object'}`;
  }
  return ['function', 'symbol', 'bigint'].includes(typeof value)
    ? `a ${typeof value}`
    : String(value);
}

function nameOf(value: object): string | undefined {
  try {
    const name: unknown = value.constructor?.name;
    return typeof name === 'string' && /^[\w$]{1,60}$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}
