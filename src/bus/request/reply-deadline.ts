import { DeadlineTimer, RECOVERY_MILLISECONDS } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';

/** An answer that somebody waits for. */
interface Awaited {
  /** Milliseconds of the monotonic clock. */
  deadline: number;
  /** Whether the deadline was already extended, which happens at most once. */
  isExtended: boolean;
  readonly reject: (error: Error) => void;
}

/**
 * Waits for answers, one after the other, each until its deadline. One timer serves all of them. An answer does not
 * cancel the timer, because that would be slow; the timer checks for an overdue answer when it fires. It keeps the
 * process alive while an answer is pending.
 *
 * @internal
 */
export class ReplyDeadline {
  #awaited: Awaited | undefined;
  readonly #timer = new DeadlineTimer(
    wasBlocked => this.#onDeadline(wasBlocked),
    until => this.#onExtended(until),
  );

  /** @param onLate called when an answer is overdue; returns the error to reject with */
  constructor(private readonly onLate: () => Error) {}

  /** @throws Error if the answer is overdue, or if it rejects */
  wait(answer: Promise<void>, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const awaited = { deadline, isExtended: false, reject };
      this.#awaited = awaited;
      if (deadline < this.#timer.deadline) {
        this.#timer.set(deadline);
      } else {
        this.#timer.ref();
      }
      void answer.then(resolve, reject).finally(() => {
        this.#awaited = this.#awaited === awaited ? undefined : this.#awaited;
      });
    });
  }

  /** Stops the timer: no further answer is expected for now. */
  rest(): void {
    this.#timer.unref();
  }

  /** Rejects the pending answer, and all later ones. */
  close(why: Error): void {
    this.#timer.clear();
    this.#awaited?.reject(why);
  }

  #onExtended(until: number): void {
    const awaited = this.#awaited;
    if (awaited && !awaited.isExtended && awaited.deadline < until) {
      awaited.isExtended = true;
      awaited.deadline = until;
    }
  }

  #onDeadline(wasBlocked: boolean): void {
    if (wasBlocked) {
      // A deadline that was set after the timer has not been extended yet.
      this.#onExtended(monotonicNow() + RECOVERY_MILLISECONDS);
    }
    const awaited = this.#awaited;
    if (!awaited) {
      return;
    }
    if (monotonicNow() < awaited.deadline) {
      this.#timer.set(awaited.deadline);
    } else {
      this.#awaited = undefined;
      awaited.reject(this.onLate());
    }
  }
}
