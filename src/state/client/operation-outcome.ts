import { share } from './coalescing.js';
import { type CallResult, isFailure, type OperationName } from '../operation.js';
import type { OperationId } from './operation-id.js';
import type { OperationOutcome } from './operation-outcome.interface.js';
import type { Recollection } from '../recollection.js';

/**
 * The backend keeps the last batch of each lane, and a lane with an open question gets no further one:
 * what is not there was not applied, unless it is so old that it has been forgotten.
 *
 * @internal
 */
export function outcomeOf(
  { name, offset }: OperationId,
  { result, isRemembered }: Recollection,
): OperationOutcome {
  if (result === undefined) {
    return { status: isRemembered ? 'not-applied' : 'forgotten' };
  }
  if (isFailure(result)) {
    return { status: 'not-applied' };
  }
  const own = share(name, result, offset);
  // It found no room, something else than expected, or something there.
  const isRefused =
    (name === 'increment' && own === null) ||
    ((name === 'replace' || name === 'setIfAbsent') && own === false);
  return isRefused
    ? { status: 'not-applied' }
    : { status: 'applied', value: VALUES[name]?.(own as never) };
}

const asItIs = (result: CallResult): unknown => result;

/** What users are given of it; nothing of those operations for which they wait in vain. */
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
