import { RecentMap } from './collections/recent-map.js';
import { monotonicNow } from './time/monotonic-now.js';

/** Milliseconds between two log lines about one subject. */
const SILENCE = 60_000;

/** @internal */
export interface LogLimiterOptions {
  /**
   * The maximum number of subjects that are remembered; beyond it, the least recently logged one may be logged again
   * early. Default: 1,000
   */
  readonly maxSubjects?: number;
  /** The maximum number of lines in a minute, for subjects that others can make up. Default: no limit. */
  readonly maxLines?: number;
  readonly now?: (() => number) | undefined;
}

/** The latest log line about a subject. */
interface Line {
  readonly at: number;
  /** Number of lines that were suppressed since then. */
  suppressed: number;
}

/**
 * Limits a log to one line a minute about each subject.
 *
 * @internal
 */
export class LogLimiter<Subject = string> {
  readonly #last: RecentMap<Subject, Line>;
  readonly #now: () => number;
  readonly #maxLines: number;
  /** The times of the lines of the last minute; not kept if their number is not limited. */
  #times: readonly number[] = [];

  constructor({
    maxSubjects = 1_000,
    maxLines = Infinity,
    now = monotonicNow,
  }: LogLimiterOptions = {}) {
    this.#last = new RecentMap(maxSubjects);
    this.#maxLines = maxLines;
    this.#now = now;
  }

  /**
   * Calls `write`, unless a line about this subject was written in the last minute.
   *
   * @param write gets the number of lines about this subject that were suppressed since its last one
   * @returns whether the line was written
   */
  log(subject: Subject, write: (suppressed: number) => void): boolean {
    const now = this.#now();
    const last = this.#last.get(subject);
    if ((last && now - last.at < SILENCE) || !this.#hasRoom(now)) {
      if (last) {
        last.suppressed++;
      }
      return false;
    }
    this.#last.set(subject, { at: now, suppressed: 0 });
    write(last?.suppressed ?? 0);
    return true;
  }

  #hasRoom(now: number): boolean {
    if (this.#maxLines === Infinity) {
      return true;
    }
    this.#times = this.#times.filter(at => now - at < SILENCE);
    const hasRoom = this.#times.length < this.#maxLines;
    if (hasRoom) {
      this.#times = [...this.#times, now];
    }
    return hasRoom;
  }
}

/**
 * Returns the end of a log line: the number of lines that a `LogLimiter` has suppressed.
 *
 * @internal
 */
export function andOthers(suppressed: number): string {
  return suppressed > 0 ? ` (${suppressed} others since the last such line)` : '';
}
