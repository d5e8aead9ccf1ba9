import { monotonicNow } from '../../system/time/monotonic-now.js';

/** Milliseconds after a term that no failed task has ended, so that another worker is elected. */
const INITIAL_DELAY = 100;

/** The maximum delay in milliseconds. After a term that has lasted as long, the delay starts again. */
const MAX_DELAY = 30_000;

/**
 * The delay between two terms of a leader. It doubles with each term in a row that a failed task has ended.
 *
 * @internal
 */
export class TermBackoff {
  #delay = INITIAL_DELAY;
  #previous = INITIAL_DELAY;
  #beganAt = 0;

  constructor(private readonly now: () => number = monotonicNow) {}

  /** Milliseconds after this term until the worker is a candidate again. */
  get delay(): number {
    return this.#delay;
  }

  /** A term begins. */
  begin(): void {
    this.#previous = this.#delay;
    this.#delay = INITIAL_DELAY;
    this.#beganAt = this.now();
  }

  /** A failed task ends this term. */
  fail(): void {
    const hasLasted = this.now() - this.#beganAt >= MAX_DELAY;
    this.#delay = Math.min(2 * (hasLasted ? INITIAL_DELAY : this.#previous), MAX_DELAY);
  }
}
