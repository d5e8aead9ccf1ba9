import type { CallerPlace } from './coalescing.js';
import { isOperationName } from '../operation.js';
import { PARTITIONS } from '../partition.js';
import type { OperationPlace } from '../state-executor.interface.js';

/**
 * Identifies an operation, so that its outcome can be read later and in any process.
 *
 * @internal
 */
export interface OperationId extends OperationPlace {
  /** The place of its caller, if the operation was combined of several calls. */
  readonly caller: CallerPlace;
  /** When its caller gave up, in milliseconds of the backend's clock. */
  readonly at: number;
}

/** Returns the ID as one word, for logs and for `SharedState.resolve()`. @internal */
export function formatOperationId(id: OperationId): string {
  const { name, partition, lane, sequence, index, caller, at } = id;
  return [name, partition, lane, sequence, index, caller.index, caller.toTotal, at].join('.');
}

/** The maximum length of a lane's name. */
const MAX_LANE = 64;

const FORMAT = /^(\w+)\.(\d+)\.([\w-]+)\.(\d+)\.(\d+)\.(\d+)\.(-?\d+)\.(\d+)$/;

/** Parses an operation ID; returns `undefined` if it is invalid. @internal */
export function parseOperationId(text: unknown): OperationId | undefined {
  const match = typeof text === 'string' ? FORMAT.exec(text) : null;
  if (!match) {
    return undefined;
  }
  const [, name = '', ...parts] = match;
  const lane = parts.splice(1, 1)[0]!;
  const [partition, sequence, index, callIndex, toTotal, at] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isKnown = isOperationName(name) && partition < PARTITIONS && lane.length <= MAX_LANE;
  if (!isKnown || ![sequence, index, callIndex, toTotal, at].every(Number.isSafeInteger)) {
    return undefined;
  }
  return { name, partition, lane, sequence, index, caller: { index: callIndex, toTotal }, at };
}
