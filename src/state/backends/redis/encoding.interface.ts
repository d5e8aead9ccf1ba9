import type { Shape } from '../../../validation/shape.js';
import type { Operation, OperationName, Operations } from '../../operation.js';
import type { RedisKeys } from './redis-keys.js';

/** How an operation is put to the script, and how its answer is read. @internal */
export interface Encoding<Name extends OperationName> {
  keys(operation: Operation<Name>, keys: RedisKeys): string[];
  /** The name of the script's operation, and its arguments. */
  args(operation: Operation<Name>, keys: RedisKeys): (string | number)[];
  /** What the script may reply, beside failures. */
  readonly reply: Shape<unknown>;
  /** Of anything but `null`. Without it, the reply is the result. */
  readonly read?: (reply: never) => Operations[Name]['gives'];
}

/** @internal */
export type Encodings<Names extends OperationName> = { readonly [Name in Names]: Encoding<Name> };

/** Numbers come as texts to clients that want them so (`stringNumbers`). @internal */
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
