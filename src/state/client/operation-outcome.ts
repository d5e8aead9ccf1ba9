import { share } from './coalescing.js';
import { type CallResult, isFailure, type OperationName } from '../operation.js';
import type { OperationId } from './operation-id.js';
import type { OperationOutcome } from './operation-outcome.interface.js';
import type { Recollection } from '../recollection.js';

/**
 * Returns the outcome of an operation. The backend remembers the last batch of each lane, and a lane with an
 * ambiguous result is not used again. So an operation that is not remembered was not applied, unless it is so old
 * that it may have been forgotten.
 *
 * @internal
 */
export function outcomeOf(
  { name, caller }: OperationId,
  { result, isRemembered }: Recollection,
): OperationOutcome {
  if (result === undefined) {
    return { status: isRemembered ? 'not-applied' : 'forgotten' };
  }
  if (isFailure(result)) {
    return { status: 'not-applied' };
  }
  const own = share(name, result, caller);
  // The condition was not met: no room, another value than expected, or an existing value.
  const isRefused =
    (name === 'increment' && own === null) ||
    ((name === 'replace' || name === 'setIfAbsent') && own === false);
  return isRefused
    ? { status: 'not-applied' }
    : { status: 'applied', value: VALUES[name]?.(own as never) };
}

const asItIs = (result: CallResult): unknown => result;

/** Converts the result for users. Operations without an entry have no value. */
const VALUES: { readonly [Name in OperationName]?: (result: CallResult<Name>) => unknown } = {
  increment: asItIs,
  mapIncrement: asItIs,
  scoreIncrement: asItIs,
  setIfAbsent: asItIs,
  delete: asItIs,
  mapDelete: asItIs,
  scoreRemove: asItIs,
  hit: ({ allowed, ...rest }) => ({ allowed: allowed > 0, ...rest }),
};
