import { integer, literal, matching, text } from '../../../validation/shape/scalars.js';
import { either, list } from '../../../validation/shape/structures.js';
import type { Mismatch, Shape } from '../../../validation/shape/shape.js';

/**
 * A number in a reply, as ioredis returns it. Large numbers arrive as texts, and all numbers do with the client
 * option `stringNumbers`.
 */
type Numeric = number | string;

/** A whole number of at least `min`. @internal */
export function whole(min = Number.MIN_SAFE_INTEGER): Shape<Numeric> {
  const asNumber = integer({ min });
  const asText = matching(/^-?\d{1,16}$/, 'a whole number');
  return value =>
    typeof value === 'string' && !asText(value) ? asNumber(Number(value)) : asNumber(value);
}

/** 0 or 1. @internal */
export const flag: Shape<Numeric> = literal(0, 1, '0', '1');

/** A finite number. @internal */
export const decimal: Shape<Numeric> = value =>
  (typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')) &&
  Number.isFinite(Number(value))
    ? undefined
    : { path: [], expected: 'a number', received: value };

/** @internal */
export const texts: Shape<readonly string[]> = list(text());

/** A list that begins with `head` and continues with any number of `pair`s. @internal */
export function listOf(
  head: readonly Shape<unknown>[],
  pair: readonly Shape<unknown>[] = [],
): Shape<readonly unknown[]> {
  const expected = `a list of ${head.length}${pair.length > 0 ? ' and pairs' : ''}`;
  return value => {
    if (!Array.isArray(value)) {
      return { path: [], expected: 'a list', received: value };
    }
    const rest = value.length - head.length;
    if (rest < 0 || (pair.length === 0 ? rest > 0 : rest % pair.length !== 0)) {
      return { path: [], expected, received: value };
    }
    for (let index = 0; index < value.length; index++) {
      const shape = head[index] ?? pair[(index - head.length) % pair.length]!;
      const found: Mismatch | undefined = shape(value[index]);
      if (found) {
        return { ...found, path: [index, ...found.path] };
      }
    }
    return undefined;
  };
}

/** The reply to a lock request: the token, or the time for which the lock is held. @internal */
export const lockAnswer: Shape<readonly unknown[]> = either(
  '"token" or "held" and a number',
  listOf([literal('token'), whole(1)]),
  listOf([literal('held'), whole(1)]),
);
