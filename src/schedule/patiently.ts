import { setTimeout as delay } from 'node:timers/promises';
import { AmbiguousResultError } from '../model/errors/ambiguous-result.error.js';
import { StateUnavailableError } from '../model/errors/state-unavailable.error.js';
import { monotonicNow } from '../system/time/monotonic-now.js';

/** How long to try while the backend is unavailable, in ms. */
const PATIENCE = 60_000;

const RETRY = 250;

/**
 * Repeats a call while the backend is unavailable.
 *
 * @throws ClusterError if it is unavailable for longer than a minute
 * @internal
 */
export async function patiently<Value>(call: () => Promise<Value>): Promise<Value> {
  const deadline = monotonicNow() + PATIENCE;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isOutage(error) || monotonicNow() >= deadline) {
        throw error;
      }
      await delay(RETRY);
    }
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof StateUnavailableError || error instanceof AmbiguousResultError;
}
