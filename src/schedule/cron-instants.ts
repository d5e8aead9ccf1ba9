import type { CronTimeLike } from './schedule-hook.js';
import { lastInstant } from './last-instant.js';

/** A timer may fire this many milliseconds before the clock has reached the instant. */
const TOLERANCE = 100;

/** A tick of a cron job, and the one after it, in ms since the epoch. @internal */
export interface Tick {
  /** The scheduled time, which is the same in all workers, whenever their timers fire. */
  readonly at: number;
  readonly next: number;
}

/**
 * The scheduled times of one cron job, computed from its expression and its time zone.
 *
 * @internal
 */
export class CronInstants {
  #time: CronTimeLike | undefined;
  #tick: Tick | undefined;

  /**
   * Returns the tick that is due at a time; `undefined` if there was none yet.
   *
   * @param time of the cron job, which `setTime()` replaces
   */
  tick(time: CronTimeLike, now: number): Tick | undefined {
    const latest = now + TOLERANCE;
    if (time !== this.#time) {
      this.#time = time;
      this.#tick = undefined;
    }
    const next = (from: number): number => nextOf(time, from);
    // Usually, this is the next tick after the last one.
    const following = this.#tick && this.#tick.next <= latest ? this.#tick.next : undefined;
    if (following !== undefined && next(following) > latest) {
      this.#tick = { at: following, next: next(following) };
    } else if (!this.#tick || following !== undefined) {
      const at = time.realDate ? dateOf(time) : lastInstant(next, latest);
      this.#tick = at === undefined ? undefined : { at, next: time.realDate ? at : next(at) };
    }
    return this.#tick;
  }

  /** Returns the first instant after a time; `undefined` if there is none. */
  next(time: CronTimeLike, now: number): number | undefined {
    if (!time.realDate) {
      return nextOf(time, now);
    }
    const date = dateOf(time);
    return date > now ? date : undefined;
  }
}

function nextOf(time: CronTimeLike, from: number): number {
  return time.getNextDateFrom(new Date(from), zoneOf(time)).toMillis();
}

function zoneOf({ timeZone, utcOffset }: CronTimeLike): string | undefined {
  if (timeZone !== undefined || utcOffset === undefined) {
    return timeZone;
  }
  const minutes = Math.abs(utcOffset);
  const [hours, rest] = [Math.trunc(minutes / 60), minutes % 60].map(twoDigits);
  return `UTC${utcOffset < 0 ? '-' : '+'}${hours}:${rest}`;
}

function twoDigits(amount: number): string {
  return String(amount).padStart(2, '0');
}

function dateOf({ source }: CronTimeLike): number {
  return (source as { toMillis(): number }).toMillis();
}
