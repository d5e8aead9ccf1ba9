import { printable } from '../system/text/printable.js';

/** The first difference between a value and its expected shape. @internal */
export interface Mismatch {
  /** The property names and indices that lead to the difference; empty for the value itself. */
  readonly path: readonly (string | number)[];
  /** The expected value there, as in "an integer from 0 to 9". */
  readonly expected: string;
  readonly received: unknown;
}

/**
 * Returns the first difference between a value and type `T`, or `undefined` if there is none.
 *
 * Shapes validate everything that arrives from other processes: once, at the boundary. Unknown properties are
 * ignored, so that newer senders can add some.
 *
 * @internal
 */
export interface Shape<T> {
  (value: unknown): Mismatch | undefined;
  /** Never set; carries the type. */
  readonly type?: T | undefined;
  /** Whether the property may be missing in an object. */
  readonly isOptional?: boolean;
}

/** The type that a shape describes. @internal */
export type ShapeOf<S> = S extends Shape<infer T> ? T : never;

interface Range {
  readonly min?: number;
  readonly max?: number;
}

interface Length {
  /** The maximum of characters of a string, items of a list, or properties of a record. */
  readonly maxLength?: number;
}

interface TextLength extends Length {
  readonly minLength?: number;
}

/** Maximum characters of a received value in a message. */
const SHOWN_CHARACTERS = 60;

/** @internal */
export const anything: Shape<unknown> = () => undefined;

/** @internal */
export const nothing: Shape<null> = literal(null);

/** @internal */
export const boolean: Shape<boolean> = value =>
  typeof value === 'boolean' ? undefined : mismatch('true or false', value);

/** A string of `minLength` to `maxLength` UTF-16 code units. @internal */
export function text<T extends string = string>({
  minLength = 0,
  maxLength = Infinity,
}: TextLength = {}): Shape<T> {
  const bounds = [
    ...(minLength > 0 ? [`at least ${minLength}`] : []),
    ...(maxLength < Infinity ? [`at most ${maxLength}`] : []),
  ];
  const expected =
    bounds.length === 0 ? 'a string' : `a string of ${bounds.join(' and ')} characters`;
  return value =>
    typeof value === 'string' && value.length >= minLength && value.length <= maxLength
      ? undefined
      : mismatch(expected, value);
}

/** A string that matches. The expression must not have the flags `g` or `y`. @internal */
export function matching<T extends string = string>(
  expression: RegExp,
  expected: string,
): Shape<T> {
  return value =>
    typeof value === 'string' && expression.test(value) ? undefined : mismatch(expected, value);
}

/** A safe integer. @internal */
export function integer(range: Range = {}): Shape<number> {
  return numberIn('an integer', range, Number.isSafeInteger);
}

/** A finite number. @internal */
export function number(range: Range = {}): Shape<number> {
  return numberIn('a number', range, Number.isFinite);
}

/** One of these values. @internal */
export function literal<const T extends readonly (string | number | boolean | null)[]>(
  ...values: T
): Shape<T[number]> {
  const allowed = new Set<unknown>(values);
  const expected = values.map(value => JSON.stringify(value)).join(' or ');
  return value => (allowed.has(value) ? undefined : mismatch(expected, value));
}

/**
 * A member of a union of strings. The compiler checks that no member is missing, which it cannot do for {@link
 * literal}.
 *
 * @internal
 */
export function enumeration<T extends string>(members: Readonly<Record<T, true>>): Shape<T> {
  return literal(...(Object.keys(members) as T[]));
}

/** A list of fixed length, with a shape for each item. @internal */
export function tuple<const T extends readonly unknown[]>(
  ...shapes: { readonly [Index in keyof T]: Shape<T[Index]> }
): Shape<T> {
  return value => {
    if (!Array.isArray(value) || value.length !== shapes.length) {
      return mismatch(`a list of ${shapes.length} items`, value);
    }
    for (let index = 0; index < shapes.length; index++) {
      const found = shapes[index]!(value[index]);
      if (found) {
        return within(index, found);
      }
    }
    return undefined;
  };
}

/** @internal */
export function list<T>(
  item: Shape<T>,
  { maxLength = Infinity }: Length = {},
): Shape<readonly T[]> {
  return value => {
    if (!Array.isArray(value)) {
      return mismatch('a list', value);
    }
    if (value.length > maxLength) {
      return mismatch(`a list of at most ${maxLength} items`, value);
    }
    for (let index = 0; index < value.length; index++) {
      const found = item(value[index]);
      if (found) {
        return within(index, found);
      }
    }
    return undefined;
  };
}

/** An object used as a map from strings to values of one shape. @internal */
export function record<T>(
  entry: Shape<T>,
  { maxLength = Infinity }: Length = {},
): Shape<Readonly<Record<string, T>>> {
  return value => {
    if (!isObject(value)) {
      return mismatch('an object', value);
    }
    const entries = Object.entries(value);
    if (entries.length > maxLength) {
      return mismatch(`an object of at most ${maxLength} properties`, value);
    }
    for (const [name, content] of entries) {
      const found = entry(content);
      if (found) {
        return within(name, found);
      }
    }
    return undefined;
  };
}

/** A shape for every property of `T`; `optional()` for optional ones. @internal */
export type Fields<T> = {
  readonly [Name in keyof T]-?: object extends Pick<T, Name>
    ? Shape<T[Name]> & { readonly isOptional: true }
    : Shape<T[Name]>;
};

/** An object with these properties. The compiler checks that no property of `T` is missing. @internal */
export function object<T extends object>(fields: Fields<NoInfer<T>>): Shape<T> {
  const entries = Object.entries(fields) as [string, Shape<unknown>][];
  return value => {
    if (!isObject(value)) {
      return mismatch('an object', value);
    }
    for (const [name, shape] of entries) {
      const content = Object.hasOwn(value, name) ? value[name] : undefined;
      const found = shape(content);
      if (found) {
        return within(name, found);
      }
    }
    return undefined;
  };
}

/** A property that may be missing. @internal */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> & { readonly isOptional: true } {
  const optionalShape = (value: unknown) => (value === undefined ? undefined : shape(value));
  return Object.assign(optionalShape, { isOptional: true as const });
}

/** @internal */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return value => (value === null ? undefined : shape(value));
}

/** A value of one of these shapes; `expected` describes all of them. @internal */
export function either<T extends readonly unknown[]>(
  expected: string,
  ...shapes: { readonly [Index in keyof T]: Shape<T[Index]> }
): Shape<T[number]> {
  return value =>
    shapes.some(shape => shape(value) === undefined) ? undefined : mismatch(expected, value);
}

/**
 * An object whose property `tag` determines its shape. The compiler checks that no member of the union is missing.
 *
 * @internal
 */
export function tagged<Tag extends string, T extends { readonly [Name in Tag]: string }>(
  tag: Tag,
  shapes: { readonly [Name in T[Tag]]: Shape<Extract<T, { readonly [Key in Tag]: Name }>> },
): Shape<T> {
  const table = new Map<unknown, Shape<unknown>>(Object.entries(shapes));
  const expected = literal(...([...table.keys()] as string[]));
  return value => {
    if (!isObject(value)) {
      return mismatch('an object', value);
    }
    const name = Object.hasOwn(value, tag) ? value[tag] : undefined;
    const shape = table.get(name);
    return shape ? shape(value) : within(tag, expected(name)!);
  };
}

/**
 * Describes a mismatch as a phrase: `"batch.operations[2].key" should be a string, not null`. The received value is
 * shortened, and shown without control characters.
 *
 * @internal
 */
export function describeMismatch({ path, expected, received }: Mismatch, name = 'value'): string {
  const place = path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
  return `${place === '' ? name : `"${printable(place)}"`} should be ${expected}, not ${show(received)}`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) {
    return `a list of ${value.length}`;
  }
  if (typeof value === 'object' && value !== null) {
    return 'an object';
  }
  return typeof value === 'string'
    ? `"${printable(value, SHOWN_CHARACTERS)}"`
    : printable(String(value), SHOWN_CHARACTERS);
}

function numberIn(
  kind: string,
  { min = -Infinity, max = Infinity }: Range,
  accepts: (value: unknown) => boolean,
): Shape<number> {
  const expected = kind + rangeText(min, max);
  return value =>
    accepts(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : mismatch(expected, value);
}

function rangeText(min: number, max: number): string {
  if (min === -Infinity && max === Infinity) {
    return '';
  }
  if (max === Infinity) {
    return ` of at least ${min}`;
  }
  return min === -Infinity ? ` of at most ${max}` : ` from ${min} to ${max}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mismatch(expected: string, received: unknown): Mismatch {
  return { path: [], expected, received };
}

function within(step: string | number, { path, ...rest }: Mismatch): Mismatch {
  return { path: [step, ...path], ...rest };
}
