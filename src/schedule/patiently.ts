import { setTimeout as delay } from 'node:timers/promises';
import { StateOutageError } from '../model/errors/state-outage.error.js';
import { monotonicNow } from '../system/time/monotonic-now.js';

/** How long to try while the backend is unavailable or full, in ms. */
const PATIENCE = 60_000;

const RETRY = 250;

/**
 * Repeats a call while the backend is unavailable or full.
 *
 * @throws ClusterError if it is so for longer than a minute
 * @internal
 */
export async function patiently<Value>(call: () => Promise<Value>): Promise<Value> {
  const deadline = monotonicNow() + PATIENCE;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StateOutageError) || monotonicNow() >= deadline) {
        throw error;
      }
      await delay(RETRY);
    }
  }
}
