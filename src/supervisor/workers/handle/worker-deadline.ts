import type { Clock } from '../../../system/time/clock.js';

/**
 * The deadline by which a worker must be ready, or must have left; there is one at a time.
 *
 * @internal
 */
export class WorkerDeadline {
  #missed: number | undefined;
  #cancel: () => void = () => {};
  #leaving: { readonly until: number; readonly timeout: number } | undefined;

  /**
   * @param bootTimeout milliseconds; `undefined` for no limit
   */
  constructor(
    private readonly clock: Clock,
    private readonly bootTimeout: number | undefined,
    private readonly onMissed: (reason: 'boot-timeout' | 'drain-timeout') => void,
  ) {}

  /** The milliseconds that it had, if it has missed the deadline. */
  get missed(): number | undefined {
    return this.#missed;
  }

  /**
   * The milliseconds that it had to leave, if they are over. The timer may not have run yet, because this process was
   * busy.
   */
  get exceeded(): number | undefined {
    const { until = Infinity, timeout } = this.#leaving ?? {};
    return this.clock.now() >= until ? timeout : undefined;
  }

  /** Starts the boot timeout. */
  toBeReady(): void {
    if (this.bootTimeout !== undefined) {
      this.#set(this.bootTimeout, 'boot-timeout');
    }
  }

  /** Starts a deadline of `timeout` milliseconds for leaving. */
  toLeave(timeout: number): void {
    this.#leaving = { until: this.clock.now() + timeout, timeout };
    this.#set(timeout, 'drain-timeout');
  }

  /** Cancels the deadline. */
  cancel(): void {
    this.#cancel();
  }

  #set(timeout: number, reason: 'boot-timeout' | 'drain-timeout'): void {
    this.#cancel();
    this.#cancel = this.clock.after(timeout, () => {
      this.#missed = timeout;
      this.onMissed(reason);
    });
  }
}
