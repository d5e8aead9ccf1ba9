import type { Shape } from '../../../validation/shape/shape.js';
import type { Operation, OperationName, Operations } from '../../operation.js';
import type { RedisKeys } from './redis-keys.js';

/** Encodes an operation for the script, and decodes the reply. @internal */
export interface Encoding<Name extends OperationName> {
  keys(operation: Operation<Name>, keys: RedisKeys): string[];
  /** Returns the name of the script's operation, and its arguments. */
  args(operation: Operation<Name>, keys: RedisKeys): (string | number)[];
  /** The shape of the reply, except for failures. */
  readonly reply: Shape<unknown>;
  /** Converts replies other than `null`. Without it, the reply is the result. */
  readonly read?: (reply: never) => Operations[Name]['gives'];
}

/** @internal */
export type Encodings<Names extends OperationName> = { readonly [Name in Names]: Encoding<Name> };

/** Converts 0 and 1, which arrive as texts with the client option `stringNumbers`. @internal */
export function asBoolean(reply: number | string): boolean {
  return Number(reply) === 1;
}

/** @internal */
export function asPairs(reply: readonly string[]): [string, string][] {
  return Array.from({ length: reply.length / 2 }, (_, index) => [
    reply[2 * index]!,
    reply[2 * index + 1]!,
  ]);
}
