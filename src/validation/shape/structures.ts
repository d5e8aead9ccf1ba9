import { literal } from './scalars.js';
import { isRecord } from '../../system/is-record.js';
import { type Length, mismatch, type Shape, within } from './shape.js';

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
    if (!isRecord(value)) {
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
    if (!isRecord(value)) {
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
    if (!isRecord(value)) {
      return mismatch('an object', value);
    }
    const name = Object.hasOwn(value, tag) ? value[tag] : undefined;
    const shape = table.get(name);
    return shape ? shape(value) : within(tag, expected(name)!);
  };
}
