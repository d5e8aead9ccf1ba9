import type { RequestFailure } from './request-failure.js';

/** The connections of a killed process are closed by the kernel within this many milliseconds. */
const CUT_WITHIN = 1_000;

/**
 * What workers that were killed had in their hands is lost by nature. That is what was connected
 * before, and cut right after; what was refused, or never answered, is lost by somebody else. A connection
 * counts from when its client began it: a busy client hears late that it has been made.
 *
 * @internal
 */
export class Kills {
  readonly #at: number[] = [];

  get count(): number {
    return this.#at.length;
  }

  add(at: number): void {
    this.#at.push(at);
  }

  /** Milliseconds since the last kill before then. */
  since(at: number): number | undefined {
    const last = this.#at.findLast(killedAt => killedAt <= at);
    return last === undefined ? undefined : at - last;
  }

  explain({ kind, openedAt }: RequestFailure, at: number): boolean {
    if (openedAt === undefined || (kind !== 'lost' && kind !== 'reset')) {
      return false;
    }
    return this.#at.some(
      killedAt => openedAt <= killedAt && at >= killedAt && at <= killedAt + CUT_WITHIN,
    );
  }
}
