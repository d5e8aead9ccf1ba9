import type { CronTimeLike, DateTimeLike } from './schedule-hook.js';
import { lastInstant } from './last-instant.js';
import { beforeRepeatedHour } from './repeated-hour.js';

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
    // A tick in the future is from before the clock was set back.
    if (time !== this.#time || (this.#tick && this.#tick.at > latest)) {
      this.#time = time;
      this.#tick = undefined;
    }
    if (!this.#tick || this.#tick.next <= latest) {
      this.#tick = time.realDate ? onlyTick(time) : this.#lastTick(time, latest);
    }
    return this.#tick;
  }

  /** Returns the first instant after a time; `undefined` if there is none. */
  next(time: CronTimeLike, now: number): number | undefined {
    if (!time.realDate) {
      return nextOf(time, now);
    }
    const { at } = onlyTick(time);
    return at > now ? at : undefined;
  }

  #lastTick(time: CronTimeLike, latest: number): Tick | undefined {
    const next = (from: number): number => nextOf(time, from);
    // Usually, this is the tick after the last one.
    const following = this.#tick?.next;
    const after = following === undefined ? undefined : next(following);
    if (following !== undefined && after !== undefined && after > latest) {
      return { at: following, next: after };
    }
    const at = lastInstant(next, latest);
    return at === undefined ? undefined : { at, next: next(at) };
  }
}

/**
 * Returns the first instant after a time, the same whenever the process began.
 *
 * When clocks are set back, an hour of local times occurs twice. In a process that was there before, `cron` enters the
 * second occurrence of that hour only for jobs that are due every hour. In one that begins in the second occurrence, it
 * gives those instants for every job.
 */
function nextOf(time: CronTimeLike, from: number): number {
  const next = time.getNextDateFrom(new Date(from), zoneOf(time));
  const before = beforeRepeatedHour(next.zone, from);
  const entered = before === undefined ? undefined : nextOf(time, before);
  return entered !== undefined && entered > from ? entered : occurrenceAfter(from, next);
}

/** Returns the occurrence of a local time that is after `from`: `cron` may give the first one although it has passed. */
function occurrenceAfter(from: number, date: DateTimeLike): number {
  const next = date.toMillis();
  if (next > from) {
    return next;
  }
  const occurrences = date.getPossibleOffsets().map(each => each.toMillis());
  return Math.max(...occurrences, next);
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

/** The tick of a job that runs once, at a date. */
function onlyTick({ source }: CronTimeLike): Tick {
  const at = (source as { toMillis(): number }).toMillis();
  return { at, next: at };
}
