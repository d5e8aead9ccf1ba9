import { afterReading } from '../time/deadline-timer.js';

const LATE = Symbol('late');

/**
 * What a promise gives; or, if it does not settle within so many milliseconds, what `late` gives, which
 * may throw. What arrived in time counts as being in time, also if the event loop was blocked.
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
