const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/** How far to look back, from near to far. Expressions without an instant in eight years are invalid. */
const SPANS = [SECOND, 60 * SECOND, 3_600 * SECOND, DAY, 32 * DAY, 367 * DAY, 8 * 366 * DAY];

/**
 * Returns the last instant of a schedule that is not after `now`; `undefined` if there is none.
 *
 * It asks for next instants only, because that is what a cron expression can answer. With the length of the schedule's
 * period, the number of questions grows as its logarithm.
 *
 * @param next returns the first instant after a time, in ms; instants are whole seconds
 * @internal
 */
export function lastInstant(next: (time: number) => number, now: number): number | undefined {
  for (const span of SPANS) {
    const from = now - span;
    if (next(from) <= now) {
      return next(latestBefore(from, now, time => next(time) <= now));
    }
  }
  return undefined;
}

/**
 * Returns a time for which `isBefore` is true, less than a second before the first one for which it is false.
 *
 * @param low a time for which it is true
 * @param high a time for which it is false
 * @internal
 */
export function latestBefore(
  low: number,
  high: number,
  isBefore: (time: number) => boolean,
): number {
  let [before, after] = [low, high];
  while (after - before >= SECOND) {
    const middle = Math.floor((before + after) / 2);
    if (isBefore(middle)) {
      before = middle;
    } else {
      after = middle;
    }
  }
  return before;
}
