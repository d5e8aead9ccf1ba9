import { latestBefore } from './last-instant.js';
import type { ZoneLike } from './schedule-hook.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/**
 * Returns an instant in the last second before clocks were set back, if the local time of `now` occurs for the second
 * time; `undefined` otherwise.
 *
 * @internal
 */
export function beforeRepeatedHour(zone: ZoneLike, now: number): number | undefined {
  const [before, after] = [zone.offset(now - DAY), zone.offset(now)];
  const first = now - (before - after) * MINUTE;
  if (first >= now || zone.offset(first) !== before) {
    return undefined;
  }
  return latestBefore(first, now, time => zone.offset(time) === before);
}
