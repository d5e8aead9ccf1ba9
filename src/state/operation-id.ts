import type { Offset } from './coalescing.js';
import type { OperationName } from './operation.js';
import type { OperationPlace } from './state-executor.interface.js';

/**
 * Everything that is needed to find out later, and anywhere, what became of an operation.
 *
 * @internal
 */
export interface OperationId extends OperationPlace {
  readonly offset: Offset;
  /** When it was given up, in milliseconds since the epoch. */
  readonly at: number;
}

/** As one word, for logs and for `SharedState.resolve()`. @internal */
export function formatOperationId(id: OperationId): string {
  const { name, partition, lane, sequence, index, offset, at } = id;
  return [name, partition, lane, sequence, index, offset.index, offset.toTotal, at].join('.');
}

const FORMAT = /^(\w+)\.(\d+)\.([\w-]+)\.(\d+)\.(\d+)\.(\d+)\.(-?\d+)\.(\d+)$/;

/** `undefined` for what is no operation id. @internal */
export function parseOperationId(text: string): OperationId | undefined {
  const match = FORMAT.exec(text);
  if (!match) {
    return undefined;
  }
  const [, name, partition, lane, sequence, index, place, toTotal, at] = match;
  return {
    name: name as OperationName,
    partition: Number(partition),
    lane: lane!,
    sequence: Number(sequence),
    index: Number(index),
    offset: { index: Number(place), toTotal: Number(toTotal) },
    at: Number(at),
  };
}
