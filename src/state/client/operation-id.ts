import type { CallerPlace } from './coalescing.js';
import { isOperationName } from '../operation.js';
import { PARTITIONS } from '../partition.js';
import type { OperationPlace } from '../state-executor.interface.js';

/**
 * Everything that is needed to find out later, and anywhere, what became of an operation.
 *
 * @internal
 */
export interface OperationId extends OperationPlace {
  readonly offset: CallerPlace;
  /** When it was given up, in milliseconds of the clock by which the backend remembers. */
  readonly at: number;
}

/** As one word, for logs and for `SharedState.resolve()`. @internal */
export function formatOperationId(id: OperationId): string {
  const { name, partition, lane, sequence, index, offset, at } = id;
  return [name, partition, lane, sequence, index, offset.index, offset.toTotal, at].join('.');
}

/** Characters of the name of a lane at most. */
const MAX_LANE = 64;

const FORMAT = /^(\w+)\.(\d+)\.([\w-]+)\.(\d+)\.(\d+)\.(\d+)\.(-?\d+)\.(\d+)$/;

/** `undefined` for what is no operation id. @internal */
export function parseOperationId(text: unknown): OperationId | undefined {
  const match = typeof text === 'string' ? FORMAT.exec(text) : null;
  if (!match) {
    return undefined;
  }
  const [, name = '', ...parts] = match;
  const lane = parts.splice(1, 1)[0]!;
  const [partition, sequence, index, place, toTotal, at] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isKnown = isOperationName(name) && partition < PARTITIONS && lane.length <= MAX_LANE;
  if (!isKnown || ![sequence, index, place, toTotal, at].every(Number.isSafeInteger)) {
    return undefined;
  }
  return { name, partition, lane, sequence, index, offset: { index: place, toTotal }, at };
}
