import { types } from 'node:util';
import { quoted, shown } from './shown.js';

/** Deeper nesting may be a cycle. */
const MAX_PLAIN_DEPTH = 20;

/** JSON cannot represent a value. @internal */
export class NotJsonError extends Error {
  /**
   * @param what what JSON cannot represent, as in "a Map at "seats""
   */
  constructor(
    readonly what: string,
    options?: ErrorOptions,
  ) {
    super(what, options);
  }
}

/**
 * Returns a value as JSON, if parsing it returns an equal value. Properties with the value `undefined` are omitted,
 * and values with a `toJSON()`, such as a `Date`, are represented by its result.
 *
 * @throws NotJsonError
 * @internal
 */
export function jsonText(value: unknown): string {
  return encoded(value, () =>
    isPlain(value, 0) ? JSON.stringify(value) : JSON.stringify(value, refuse),
  );
}

/**
 * Returns what `JSON.stringify()` makes of a value: for example, `NaN` becomes `null`, and a Map becomes `{}`.
 *
 * @throws NotJsonError for a cycle or a BigInt
 * @internal
 */
export function looseJsonText(value: unknown): string {
  return encoded(value, () => JSON.stringify(value));
}

/**
 * Returns a value as parsing its JSON returns it. A value that contains only plain data is returned itself.
 *
 * @throws NotJsonError for a cycle or a BigInt
 * @internal
 */
export function jsonData(value: unknown): unknown {
  return isPlain(value, 0) ? value : JSON.parse(looseJsonText(value));
}

function encoded(value: unknown, encode: () => string | undefined): string {
  let text: string | undefined;
  try {
    text = encode();
  } catch (cause) {
    if (cause instanceof NotJsonError) {
      throw cause;
    }
    // A cycle, a BigInt, too deep nesting, or an error of a `toJSON()` or a getter.
    const what = cause instanceof Error ? cause.message.split('\n')[0]! : shown(cause);
    throw new NotJsonError(what, { cause });
  }
  if (text === undefined) {
    throw new NotJsonError(describe(value));
  }
  return text;
}

/** Returns the length of a string in UTF-8 if it exceeds `max` bytes; otherwise `undefined`. @internal */
export function bytesBeyond(text: string, max: number): number | undefined {
  // A UTF-16 code unit takes at most three bytes.
  if (text.length * 3 <= max) {
    return undefined;
  }
  const bytes = Buffer.byteLength(text);
  return bytes > max ? bytes : undefined;
}

/**
 * Whether a value contains only plain data. This is true for most values, and the check is much faster than a
 * replacer, which is called for each property.
 */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return isPlainPrimitive(value);
  }
  if (depth > MAX_PLAIN_DEPTH) {
    return false;
  }
  if (Array.isArray(value)) {
    // Not `every()`, which skips holes.
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
  // Their `toJSON()` returns unwanted results: an object of numbers, and null.
  if (ArrayBuffer.isView(original) || isInvalidDate(original)) {
    throw notRepresentable(name, original);
  }
  if (value === undefined ? !isProperty : !isRepresentable(value)) {
    throw notRepresentable(name, value);
  }
  return value;
}

function notRepresentable(name: string, value: unknown): NotJsonError {
  return new NotJsonError(name === '' ? describe(value) : `${describe(value)} at ${quoted(name)}`);
}

function isInvalidDate(value: unknown): boolean {
  return types.isDate(value) && Number.isNaN(value.getTime());
}

function isRepresentable(value: unknown): boolean {
  if (typeof value === 'object') {
    return !types.isMap(value) && !types.isSet(value) && !isOpaque(value);
  }
  return isPlainPrimitive(value);
}

/** Whether JSON would represent the value as `{}`, or as an object of numbers. */
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
    return `a ${nameOf(value) ?? 'object of an unknown class'}`;
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
