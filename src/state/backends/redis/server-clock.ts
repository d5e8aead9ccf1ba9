import { monotonicNow } from '../../../system/time/monotonic-now.js';

/** Milliseconds that an estimate holds: clocks are set. */
const ESTIMATE_LIFE = 10_000;

/**
 * What the clock of a server shows, as far as it can be known from here: never more than it does, so that
 * what is late for the caller is late by this clock, too.
 *
 * @internal
 */
export class ServerClock {
  #estimatedAt = monotonicNow();

  /** @param offset what is to be added to our time, to get the least that the server's may be */
  constructor(private offset: number) {}

  /** Whether the estimate need not be made anew. */
  get isFresh(): boolean {
    return monotonicNow() - this.#estimatedAt <= ESTIMATE_LIFE;
  }

  /**
   * The server's answer, which has just come, says that it was `time`: at some moment after it was asked, and
   * before now.
   */
  observe(time: number, askedAt: number): void {
    const now = monotonicNow();
    // It cannot be ahead of what it was when it was asked, unless it was set back.
    const wasSetBack = time - askedAt < this.offset - 1;
    if (time - now > this.offset || wasSetBack || !this.isFresh) {
      this.offset = time - now;
      this.#estimatedAt = now;
    }
  }

  /** A moment of ours by the server's clock, in whole milliseconds, or a little earlier. */
  at(moment: number): number {
    return Math.floor(moment + this.offset);
  }
}
