import type { Clock } from '../../../system/time/clock.js';

/**
 * The time within which a worker has to become ready, or to leave: one at a time.
 *
 * @internal
 */
export class WorkerDeadline {
  #missed: number | undefined;
  #cancel: () => void = () => {};

  /** @param bootTimeout milliseconds; without, a boot may take any time */
  constructor(
    private readonly clock: Clock,
    private readonly bootTimeout: number | undefined,
    private readonly onMissed: (reason: 'boot-timeout' | 'drain-timeout') => void,
  ) {}

  /** How many milliseconds it had, if that was too little. */
  get missed(): number | undefined {
    return this.#missed;
  }

  /** It has the boot timeout from now on. */
  toBeReady(): void {
    if (this.bootTimeout !== undefined) {
      this.#set(this.bootTimeout, 'boot-timeout');
    }
  }

  /** It has so many milliseconds from now on. */
  toLeave(timeout: number): void {
    this.#set(timeout, 'drain-timeout');
  }

  /** It has all the time that it needs. */
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
