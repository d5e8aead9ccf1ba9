import { monotonicNow } from './monotonic-now.js';

/** A timer that fires this many milliseconds late was delayed by a blocked event loop. */
const BLOCKED_MILLISECONDS = 20;

/** The maximum delay of a timer in ms: with a longer one it fires at once. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Milliseconds for which the event loop must turn after a block before a deadline counts as missed. In this time,
 * waiting messages are sent, and messages that have arrived are read.
 *
 * @internal
 */
export const RECOVERY_MILLISECONDS = 100;

/**
 * Calls back when a deadline has passed, after everything that arrived before it has been read.
 *
 * A blocked event loop must not make the other side look silent: timers run before sockets are read, and requests
 * may not have been sent yet. So the callback runs after the sockets have been read. If the event loop was blocked
 * in the last moments before the deadline, the deadline is postponed by {@link RECOVERY_MILLISECONDS}, once. So the
 * callback runs at the deadline, or at most that much after the end of the block.
 *
 * @internal
 */
export class DeadlineTimer {
  #deadline = Infinity;
  #timer: NodeJS.Timeout | undefined;
  #reading: NodeJS.Immediate | undefined;

  /**
   * @param onDue called once for each deadline; its argument tells whether the event loop was blocked right before.
   *   This deadline has been postponed in that case, but deadlines of other timers may not have been
   * @param onPutOff called with the new deadline, by {@link monotonicNow}, if the event loop was blocked
   */
  constructor(
    private readonly onDue: (wasBlocked: boolean) => void,
    private readonly onPutOff: (deadline: number) => void = () => {},
  ) {}

  /** The deadline, by {@link monotonicNow}; `Infinity` if none is set. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Sets the deadline, and replaces the previous one. */
  set(deadline: number): void {
    this.clear();
    this.#deadline = deadline;
    // The event loop must be seen turning shortly before the deadline.
    const look = deadline - RECOVERY_MILLISECONDS;
    if (look > monotonicNow()) {
      this.#at(look, () => this.#at(deadline, () => this.#read(false)));
    } else {
      this.#at(deadline, () => this.#read(false));
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#reading);
    this.#timer = undefined;
    this.#reading = undefined;
    this.#deadline = Infinity;
  }

  /** Makes the timer keep the process alive, as it does initially. */
  ref(): void {
    this.#timer?.ref();
  }

  unref(): void {
    this.#timer?.unref();
  }

  #at(moment: number, then: () => void): void {
    const isReferenced = this.#timer?.hasRef() ?? true;
    this.#timer = setTimeout(() => {
      const now = monotonicNow();
      if (moment - now > 1) {
        this.#at(moment, then);
      } else if (now - moment > BLOCKED_MILLISECONDS) {
        this.#putOff(now + RECOVERY_MILLISECONDS);
      } else {
        then();
      }
    }, millisecondsUntil(moment));
    if (!isReferenced) {
      this.#timer.unref();
    }
  }

  /** Postpones the deadline once, so that it ends in a process that is blocked again and again. */
  #putOff(deadline: number): void {
    if (deadline > this.#deadline) {
      this.#deadline = deadline;
      this.onPutOff(deadline);
    }
    const isReferenced = this.#timer?.hasRef() ?? true;
    const moment = this.#deadline;
    this.#timer = setTimeout(
      () => this.#read(monotonicNow() - moment > BLOCKED_MILLISECONDS),
      millisecondsUntil(moment),
    );
    if (!isReferenced) {
      this.#timer.unref();
    }
  }

  /** Waits for an immediate, because timers run before sockets are read, and immediates after. */
  #read(wasBlocked: boolean): void {
    this.#reading = setImmediate(() => {
      this.#timer = undefined;
      this.#reading = undefined;
      this.#deadline = Infinity;
      this.onDue(wasBlocked);
    });
  }
}

/** Returns whole milliseconds up to the maximum of timers. Less than a thousandth is a rounding error. */
function millisecondsUntil(moment: number): number {
  return Math.min(MAX_TIMER, Math.max(1, Math.ceil(moment - monotonicNow() - 0.001)));
}

/**
 * Returns the milliseconds until a deadline, by {@link monotonicNow}. They are at least {@link RECOVERY_MILLISECONDS},
 * because a blocked event loop in this process may have used up the rest.
 *
 * @internal
 */
export function timeLeftUntil(deadline: number): number {
  return Math.max(RECOVERY_MILLISECONDS, deadline - monotonicNow());
}

/**
 * Runs `task` once after `milliseconds`, as {@link DeadlineTimer} does.
 *
 * @returns a function that cancels it
 * @internal
 */
export function afterReading(milliseconds: number, task: () => void): () => void {
  const timer = new DeadlineTimer(() => task());
  timer.set(monotonicNow() + milliseconds);
  return () => timer.clear();
}
