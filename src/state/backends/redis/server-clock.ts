import { monotonicNow } from '../../../system/time/monotonic-now.js';

/** Milliseconds for which an estimate is valid, because clocks may be set. */
const ESTIMATE_LIFE = 10_000;

/**
 * A lower bound of a server's clock. It is never ahead of that clock, so a deadline that has passed for the caller
 * has passed for the server, too.
 *
 * @internal
 */
export class ServerClock {
  #estimatedAt = monotonicNow();

  /** @param offset the difference from the local monotonic time to the lower bound, in milliseconds */
  constructor(private offset: number) {}

  /** Whether the estimate is still valid. */
  get isFresh(): boolean {
    return monotonicNow() - this.#estimatedAt <= ESTIMATE_LIFE;
  }

  /**
   * Updates the estimate with an answer that has just arrived. The server's time was `time` at some moment between
   * `askedAt` and now.
   */
  observe(time: number, askedAt: number): void {
    const now = monotonicNow();
    // A smaller offset than the known lower bound means that the clock was set back.
    const wasSetBack = time - askedAt < this.offset - 1;
    if (time - now > this.offset || wasSetBack || !this.isFresh) {
      this.offset = time - now;
      this.#estimatedAt = now;
    }
  }

  /** Converts a local time to a lower bound of the server's time, in whole milliseconds. */
  at(moment: number): number {
    return Math.floor(moment + this.offset);
  }
}
