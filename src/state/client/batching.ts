import type { Call } from './call.js';
import { coalesces, combine, deal } from './coalescing.js';
import {
  isFailure,
  type Operation,
  type OperationName,
  type OperationResult,
} from '../operation.js';

/**
 * The maximum number of operations in one batch: a larger one would block the Redis server or the primary for too
 * long.
 */
const MAX_OPERATIONS = 500;
const MAX_CHARACTERS = 512 * 1024;

/** Deferred reads in one batch. Few of them fit into its result, and they leave room for the calls behind them. */
const MAX_DEFERRED = 100;

/** Reads of topic logs. Their results may be as large as a whole batch, so one batch contains only a few of them. */
const READING = new Set<OperationName>(['history', 'groupTake']);
const READING_CHARACTERS = 64 * 1024;

/** An operation, and the calls that are combined in it. @internal */
export interface Entry {
  readonly operation: Operation;
  readonly calls: readonly Call[];
}

/**
 * Takes the calls for one batch from the front of a queue. Stops at the first call whose deadline has passed, because
 * it is about to be rejected.
 *
 * Calls may overtake deferred reads: a read that is sent later returns what the calls before it have written, too.
 *
 * Operations on a key coalesce only if no other operation on that key is between them, so that the calls of each
 * caller stay in order.
 *
 * @internal
 */
export function takeBatch(queue: Call[], now: number): Entry[] {
  if (queue.length === 1 && !queue[0]!.settled && queue[0]!.deadline > now) {
    const call = queue.pop()!;
    return [{ operation: call.operation, calls: [call] }];
  }
  const groups: Call[][] = [];
  const last = new Map<string, Call[]>();
  /** Deferred reads that stay in the queue. */
  const left: Call[] = [];
  let characters = 0;
  let deferred = 0;
  let seen = 0;
  for (const call of queue) {
    if (call.settled) {
      seen++;
      continue;
    }
    if (call.deadline <= now) {
      break;
    }
    const group = last.get(call.operation.key);
    if (group && coalesces(group[0]!.operation, call.operation)) {
      group.push(call);
    } else if (call.isDeferred && deferred === MAX_DEFERRED) {
      left.push(call);
    } else {
      deferred += call.isDeferred ? 1 : 0;
      characters += sizeOf(call.operation);
      if (groups.length > 0 && (groups.length === MAX_OPERATIONS || characters > MAX_CHARACTERS)) {
        break;
      }
      const next = [call];
      groups.push(next);
      last.set(call.operation.key, next);
    }
    seen++;
  }
  left.forEach((call, index) => (queue[seen - left.length + index] = call));
  queue.splice(0, seen - left.length);
  return groups.map(calls => ({
    operation: calls.length === 1 ? calls[0]!.operation : combine(calls.map(operationOf)),
    calls,
  }));
}

/** Settles each call of an entry with its part of the result. @internal */
export function settle({ calls }: Entry, result: OperationResult): void {
  if (isFailure(result)) {
    calls.forEach(call => call.finish(result));
    return;
  }
  const shares = deal(result, calls.map(operationOf));
  calls.forEach((call, index) => call.finish(shares[index]!));
}

/** @internal */
export function operationOf({ operation }: Call): Operation {
  return operation;
}

function sizeOf(operation: Operation): number {
  const expected = 'expected' in operation ? (operation.expected?.length ?? 0) : 0;
  const value = 'value' in operation ? (operation.value?.length ?? 0) : 0;
  const event = 'event' in operation ? operation.event.length : 0;
  const reading = READING.has(operation.name) ? READING_CHARACTERS : 0;
  return operation.key.length + expected + value + event + reading;
}
