import { monotonicNow } from '../system/time/monotonic-now.js';

/**
 * Runs steps one after the other, distributed evenly over a time. The first step runs at once, so a single step is
 * not delayed.
 *
 * @internal
 */
export class Pacer {
  readonly #endsAt: number;
  readonly #timers = new Set<NodeJS.Timeout>();

  /**
   * @param window milliseconds
   */
  constructor(steps: readonly (() => void)[], window: number) {
    const begunAt = monotonicNow();
    this.#endsAt = begunAt + window;
    this.#takeWhatIsDue(steps, 0, index => begunAt + (window * index) / steps.length);
  }

  /** Adds a step at the end of the time. */
  takeLast(step: () => void): void {
    this.#at(this.#endsAt, step);
  }

  /** Cancels the remaining steps. */
  stop(): void {
    this.#timers.forEach(timer => clearTimeout(timer));
    this.#timers.clear();
  }

  #takeWhatIsDue(
    steps: readonly (() => void)[],
    from: number,
    dueAt: (index: number) => number,
  ): void {
    let next = from;
    while (next < steps.length && dueAt(next) <= monotonicNow()) {
      steps[next++]!();
    }
    if (next < steps.length) {
      this.#at(dueAt(next), () => this.#takeWhatIsDue(steps, next, dueAt));
    }
  }

  #at(time: number, take: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        take();
      },
      Math.max(0, time - monotonicNow()),
    );
    this.#timers.add(timer);
  }
}
