import { AmbiguousResultError } from '../../model/errors/ambiguous-result.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { type StateCallActivity, stateCalls } from '../../model/events/activity-channels.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';

/**
 * Makes a call on the state, and publishes its duration and outcome.
 *
 * @internal
 */
export async function reported<Value>(
  operation: string,
  call: () => Promise<Value>,
): Promise<Value> {
  const begunAt = monotonicNow();
  const report = (outcome: StateCallActivity['outcome']): void =>
    stateCalls.publish({ operation, outcome, duration: monotonicNow() - begunAt });
  try {
    const value = await call();
    report('ok');
    return value;
  } catch (error) {
    report(outcomeOf(error));
    throw error;
  }
}

function outcomeOf(error: unknown): StateCallActivity['outcome'] {
  if (error instanceof AmbiguousResultError) {
    return 'ambiguous';
  }
  return error instanceof StateUnavailableError ? 'unavailable' : 'refused';
}
