import { CounterRangeError } from '../../model/errors/counter-range.error.js';
import { StateFullError } from '../../model/errors/state-full.error.js';
import { StateTypeError } from '../../model/errors/state-type.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import type { Read } from '../client/call.js';
import {
  type CallResult,
  isFailure,
  methodOf,
  type Operation,
  type OperationFailure,
  type OperationName,
} from '../operation.js';
import type { CallTerms, StateClient } from '../client/state-client.js';

const WORDS: Readonly<Record<string, string>> = {
  value: 'a value',
  map: 'a map',
  leaderboard: 'a leaderboard',
};

/**
 * Performs an operation, and returns its result.
 *
 * @param expected the expected kind of object for the error message, such as "a counter"
 * @throws StateTypeError if the key has another type
 * @throws CounterRangeError if the number would exceed the safe integers
 * @throws StateFullError if the backend has no memory left
 * @throws StateUnavailableError if it was not applied, AmbiguousResultError if it may have been
 * @internal
 */
export function perform<Name extends OperationName>(
  client: StateClient,
  expected: string,
  operation: Operation<Name>,
  terms?: CallTerms,
): Promise<CallResult<Name>> {
  const read: Read<Name, CallResult<Name>> = result => resultOf(operation, expected, result);
  return client.run(operation, read, terms);
}

/**
 * Returns the result of an operation, or throws the error for its failure.
 *
 * @throws StateTypeError, CounterRangeError, StateFullError or StateUnavailableError
 * @internal
 */
export function resultOf<Name extends OperationName>(
  operation: Operation<Name>,
  expected: string,
  result: CallResult<Name> | OperationFailure,
): CallResult<Name> {
  if (isFailure(result)) {
    throw ERRORS[result.failed](operation.name, operation.key, expected, result.found);
  }
  return result;
}

const ERRORS: Readonly<
  Record<
    OperationFailure['failed'],
    (operation: OperationName, key: string, expected: string, found: string) => Error
  >
> = {
  type: (_, key, expected, found) =>
    new StateTypeError(key, expected, WORDS[found] ?? `a ${found} of another program`),
  integer: (_, key, __, found) => new StateTypeError(key, 'a whole number', found.slice(0, 40)),
  range: (operation, key, _, found) => {
    const largest = operation === 'scoreIncrement' ? Number.MAX_VALUE : Number.MAX_SAFE_INTEGER;
    const bound = Number(found) > 0 ? 'max' : 'min';
    return new CounterRangeError(key, `this change of ${found}`, bound, -largest, largest);
  },
  full: (operation, key, _, found) => new StateFullError(methodOf(operation), key, found),
  large: refused,
  backend: refused,
};

function refused(
  operation: OperationName,
  key: string,
  _: string,
  found: string,
): StateUnavailableError {
  return new StateUnavailableError(methodOf(operation), key, `the backend reported "${found}"`);
}
