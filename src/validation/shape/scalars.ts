import { type Length, mismatch, type Shape } from './shape.js';

interface Range {
  readonly min?: number;
  readonly max?: number;
}

interface TextLength extends Length {
  readonly minLength?: number;
}

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
