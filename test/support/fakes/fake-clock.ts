import type { Clock } from '../../../src/system/time/clock.js';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now = 1_000_000;
  #timers: { at: number; task: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#now;
  }

  after(delay: number, task: () => void): () => void {
    const timer = { at: this.#now + delay, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer);
    };
  }

  /** Lets time pass without running timers, as in a process that is busy. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Advances the time, and runs the timers that are due, in order. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (!next) {
        break;
      }
      this.#timers = this.#timers.filter(timer => timer !== next);
      this.#now = next.at;
      next.task();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

/** Resolves after all pending microtasks and the next turn of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(resolve => setImmediate(resolve));
  }
}
