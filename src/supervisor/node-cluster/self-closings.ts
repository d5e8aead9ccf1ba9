import { HEALTHY_AFTER } from '../policies/restart-policy.js';

/** After so many in a row, it is no coincidence. */
const TOO_MANY = 3;

/**
 * Counts how often in a row the application of a slot has ended by itself soon after it was ready, or before: it
 * is a script then, which has done its work, and which workers would do again and again.
 *
 * @internal
 */
export class SelfClosings {
  readonly #rows = new Map<number, number>();
  #isTold = false;

  /**
   * Notes that the worker of a slot has ended by itself.
   *
   * @param readyFor milliseconds that it had been ready, 0 if it never was
   * @returns whether somebody should be told, which is so once
   */
  add(slot: number, readyFor: number): boolean {
    const row = readyFor >= HEALTHY_AFTER ? 0 : (this.#rows.get(slot) ?? 0) + 1;
    this.#rows.set(slot, row);
    const isNews = row >= TOO_MANY && !this.#isTold;
    this.#isTold ||= isNews;
    return isNews;
  }
}
