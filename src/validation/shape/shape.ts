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

/** @internal */
export interface Length {
  /** The maximum of characters of a string, items of a list, or properties of a record. */
  readonly maxLength?: number;
}

/** A value that is not what is expected. @internal */
export function mismatch(expected: string, received: unknown): Mismatch {
  return { path: [], expected, received };
}

/** A mismatch, seen from the object or the list that it is in. @internal */
export function within(step: string | number, { path, ...rest }: Mismatch): Mismatch {
  return { path: [step, ...path], ...rest };
}
