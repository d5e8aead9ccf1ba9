import type { Clock } from '../time/clock.js';

interface Waiter {
  readonly condition: () => boolean;
  readonly resolve: () => void;
}

/**
 * Lets code wait for a condition instead of for time. Code that changes a state calls `check()`.
 *
 * @internal
 */
export class Conditions {
  constructor(private readonly clock: Clock) {}

  readonly #waiters = new Set<Waiter>();

  /** Resolves when `condition` holds, or when `signal` aborts. */
  until(condition: () => boolean, signal?: AbortSignal): Promise<void> {
    if (condition() || signal?.aborted) {
      return Promise.resolve();
    }
    return new Promise(resolve => {
      const settle = (): void => {
        signal?.removeEventListener('abort', settle);
        this.#waiters.delete(waiter);
        resolve();
      };
      const waiter: Waiter = { condition, resolve: settle };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', settle, { once: true });
    });
  }

  /**
   * Resolves when `condition` holds.
   *
   * @throws the reason of `signal` if it aborts first
   */
  async untilOrThrow(condition: () => boolean, signal: AbortSignal): Promise<void> {
    await this.until(condition, signal);
    signal.throwIfAborted();
  }

  /** Resolves when `condition` holds, or after `milliseconds`. */
  async untilOr(milliseconds: number, condition: () => boolean): Promise<void> {
    const timeout = new AbortController();
    const cancel = this.clock.after(milliseconds, () => timeout.abort());
    await this.until(condition, timeout.signal);
    cancel();
  }

  check(): void {
    for (const { condition, resolve } of this.#waiters) {
      if (condition()) {
        resolve();
      }
    }
  }
}
