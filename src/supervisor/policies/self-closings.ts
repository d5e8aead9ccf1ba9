import { HEALTHY_AFTER } from './restart-policy.js';

/** The number of times in a row after which it is not a coincidence. */
const TOO_MANY = 3;

/**
 * Counts how often in a row the application of a slot has ended by itself before it was ready, or soon after. Such
 * an application is probably a script that has finished its work, and workers would repeat it for ever.
 *
 * @internal
 */
export class SelfClosings {
  readonly #rows = new Map<number, number>();
  #isTold = false;

  /**
   * Notes that the worker of a slot has ended by itself.
   *
   * @param readyFor milliseconds for which it was ready, 0 if it never was
   * @returns whether to log a warning; `true` only once
   */
  add(slot: number, readyFor: number): boolean {
    const row = readyFor >= HEALTHY_AFTER ? 0 : (this.#rows.get(slot) ?? 0) + 1;
    this.#rows.set(slot, row);
    const isNews = row >= TOO_MANY && !this.#isTold;
    this.#isTold ||= isNews;
    return isNews;
  }
}
