import type { Mishap } from './failure.js';

/** The connections of a killed process are closed by the kernel within this many milliseconds. */
const CUT_WITHIN = 1_000;

/** A killed process may accept for so many milliseconds more, until the kernel has come to it. */
const DYING = 100;

/**
 * What workers that were killed had in their hands is lost by nature. That is what was connected
 * before, and cut right after; what was refused, or never answered, is lost by somebody else.
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

  explain({ kind, connectedAt }: Mishap, at: number): boolean {
    if (connectedAt === undefined || (kind !== 'lost' && kind !== 'reset')) {
      return false;
    }
    return this.#at.some(
      killedAt => connectedAt <= killedAt + DYING && at >= killedAt && at <= killedAt + CUT_WITHIN,
    );
  }
}
