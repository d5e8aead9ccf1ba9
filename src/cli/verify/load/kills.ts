import type { RequestFailure } from './request-failure.js';

/** Milliseconds within which the kernel closes the connections of a killed process. */
const CUT_WITHIN = 1_000;

/**
 * Tells which failures were caused by killed workers: connections that were opened before a kill, and cut right
 * after it. Requests that were refused or never answered have another cause. A connection counts from the time at
 * which its client began it, because a busy client may be told late that it is open.
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

  /** Returns the milliseconds since the last kill before `at`. */
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
