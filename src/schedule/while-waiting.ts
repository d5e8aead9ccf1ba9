import { deferred } from '../system/async/deferred.js';

/**
 * Waits for a promise, but no longer than until this worker drains, if it only waits for its turn then.
 *
 * @param waits whether it still waits for its turn
 * @internal
 */
export async function whileWaiting(
  drainSignal: AbortSignal,
  waits: () => boolean,
  promise: Promise<void>,
): Promise<void> {
  const drained = deferred();
  const onDrain = (): void => {
    if (waits()) {
      drained.resolve();
    }
  };
  drainSignal.addEventListener('abort', onDrain);
  try {
    await Promise.race([promise, drained.promise]);
  } finally {
    drainSignal.removeEventListener('abort', onDrain);
  }
}
