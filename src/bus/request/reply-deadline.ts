import { DeadlineTimer, RECOVERY_MILLISECONDS } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';

/** An answer that is waited for. */
interface Awaited {
  /** Milliseconds of the monotonic clock. */
  deadline: number;
  /** It was put off, which it is once. */
  isPutOff: boolean;
  readonly reject: (error: Error) => void;
}

/**
 * Waits for answers, one after the other, each until its deadline. There is one timer for all, which is not
 * touched when an answer comes, as it mostly does, but finds out when it fires; it keeps the process alive
 * while something is waited for.
 *
 * @internal
 */
export class ReplyDeadline {
  #awaited: Awaited | undefined;
  readonly #timer = new DeadlineTimer(
    wasBlocked => this.#onDeadline(wasBlocked),
    until => this.#onPutOff(until),
  );

  /** @param onLate called when there is no answer in time; says why it is not waited for any more */
  constructor(private readonly onLate: () => Error) {}

  /** @throws Error if there is no answer in time, or if that is what the answer is */
  wait(answer: Promise<void>, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const awaited = { deadline, isPutOff: false, reject };
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

  /** For now, nothing more will be waited for. */
  rest(): void {
    this.#timer.unref();
  }

  /** Nothing is waited for any more. */
  close(why: Error): void {
    this.#timer.clear();
    this.#awaited?.reject(why);
  }

  #onPutOff(until: number): void {
    const awaited = this.#awaited;
    if (awaited && !awaited.isPutOff && awaited.deadline < until) {
      awaited.isPutOff = true;
      awaited.deadline = until;
    }
  }

  #onDeadline(wasBlocked: boolean): void {
    if (wasBlocked) {
      // What came after the timer was set has not been put off with it.
      this.#onPutOff(monotonicNow() + RECOVERY_MILLISECONDS);
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
