import { afterReading } from '../time/deadline-timer.js';

const LATE = Symbol('late');

/**
 * Resolves with the value of a promise; if it does not settle within `milliseconds`, returns the result of `late`,
 * which may throw. A value that arrived in time counts, even if a blocked event loop has delayed its handling.
 *
 * @internal
 */
export async function within<Value, Late>(
  milliseconds: number,
  promise: Promise<Value>,
  late: () => Late,
): Promise<Value | Awaited<Late>> {
  let cancel: (() => void) | undefined;
  const timeUp = new Promise<typeof LATE>(resolve => {
    cancel = afterReading(milliseconds, () => resolve(LATE));
  });
  try {
    const first = await Promise.race([promise, timeUp]);
    return first === LATE ? await late() : first;
  } finally {
    cancel?.();
  }
}
