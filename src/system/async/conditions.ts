import type { Clock } from '../time/clock.js';

interface Waiter {
  readonly condition: () => boolean;
  readonly resolve: () => void;
}

/**
 * Waiting for a state instead of for time: whoever changes something calls `check()`.
 *
 * @internal
 */
export class Conditions {
  constructor(private readonly clock: Clock) {}

  readonly #waiters = new Set<Waiter>();

  /** Resolves as soon as `condition` holds, or when `signal` aborts. */
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
   * Resolves as soon as `condition` holds.
   *
   * @throws the reason of `signal` if that aborts before
   */
  async untilOrThrow(condition: () => boolean, signal: AbortSignal): Promise<void> {
    await this.until(condition, signal);
    signal.throwIfAborted();
  }

  /** Resolves as soon as `condition` holds, or after so many milliseconds. */
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
