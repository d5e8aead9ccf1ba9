import type { Call } from './call.js';
import { coalesces, combine, deal } from './coalescing.js';
import {
  isFailure,
  type Operation,
  type OperationName,
  type OperationResult,
} from '../operation.js';

/** More at once would keep a Redis server, or the primary, from everybody else for too long. */
const MAX_OPERATIONS = 500;
const MAX_CHARACTERS = 512 * 1024;

/** What is read of a history is mostly small, but may be as large as all of a batch: a few of them together. */
const READING = new Set<OperationName>(['history', 'groupTake']);
const READING_CHARACTERS = 64 * 1024;

/** Callers whose operations have become one. @internal */
export interface Entry {
  readonly operation: Operation;
  readonly calls: readonly Call[];
}

/**
 * Takes from the front of a queue what can go into one batch: nothing from the first call on whose deadline
 * has passed, as its caller is about to be told so.
 *
 * Operations that coalesce do so if no other operation on their key came in between, so that every
 * caller finds its own calls in order.
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
  let characters = 0;
  let taken = 0;
  for (const call of queue) {
    if (call.settled) {
      taken++;
      continue;
    }
    if (call.deadline <= now) {
      break;
    }
    const group = last.get(call.operation.key);
    if (group && coalesces(group[0]!.operation, call.operation)) {
      group.push(call);
    } else {
      characters += sizeOf(call.operation);
      if (groups.length > 0 && (groups.length === MAX_OPERATIONS || characters > MAX_CHARACTERS)) {
        break;
      }
      const next = [call];
      groups.push(next);
      last.set(call.operation.key, next);
    }
    taken++;
  }
  queue.splice(0, taken);
  return groups.map(calls => ({ operation: combine(calls.map(operationOf)), calls }));
}

/** Gives each caller of an entry its share of the result. @internal */
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
  const value = 'value' in operation ? operation.value.length : 0;
  const event = 'event' in operation ? operation.event.length : 0;
  const reading = READING.has(operation.name) ? READING_CHARACTERS : 0;
  return operation.key.length + expected + value + event + reading;
}
