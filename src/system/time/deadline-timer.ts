import { monotonicNow } from './monotonic-now.js';

/** A timer that fires this late, in milliseconds, was kept waiting by a blocked event loop. */
const BLOCKED_MILLISECONDS = 20;

/** Milliseconds that a timer can wait: one for longer fires at once. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * How long the event loop turns, in milliseconds, after a block and before anything is judged late: what was
 * to be sent goes out, and what has come in is read.
 *
 * @internal
 */
export const RECOVERY_MILLISECONDS = 100;

/**
 * Calls back when a deadline has passed, after everything that arrived before it has been read.
 *
 * A blocked event loop is not a silent peer: timers run before sockets are read, and what was to be sent may
 * not even have been sent. So the callback runs after the sockets have been read; and if the event loop was
 * blocked in the last moments before the deadline, the deadline is put off by {@link RECOVERY_MILLISECONDS},
 * once. A callback thus comes by the deadline, or that much after the end of the block.
 *
 * @internal
 */
export class DeadlineTimer {
  #deadline = Infinity;
  #timer: NodeJS.Timeout | undefined;
  #reading: NodeJS.Immediate | undefined;

  /**
   * @param onDue called once for each deadline that is set; told whether the event loop was blocked right before,
   * which has put that deadline off already, but not those of others that were not set meanwhile
   * @param onPutOff told of the new deadline, by {@link monotonicNow}, if the event loop was blocked
   */
  constructor(
    private readonly onDue: (wasBlocked: boolean) => void,
    private readonly onPutOff: (deadline: number) => void = () => {},
  ) {}

  /** By {@link monotonicNow}; `Infinity` if none is set. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Replaces the deadline that was set before. */
  set(deadline: number): void {
    this.clear();
    this.#deadline = deadline;
    // The event loop has to have been seen turning shortly before the deadline.
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

  /** Whether it keeps the process alive, as it does at first. */
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

  /** Once: a process that is blocked again and again has to come to an end as well. */
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

  /** Timers come before sockets, and immediates after. */
  #read(wasBlocked: boolean): void {
    this.#reading = setImmediate(() => {
      this.#timer = undefined;
      this.#reading = undefined;
      this.#deadline = Infinity;
      this.onDue(wasBlocked);
    });
  }
}

/** Whole ones, as many as timers can wait; what is less than a thousandth comes from computing. */
function millisecondsUntil(moment: number): number {
  return Math.min(MAX_TIMER, Math.max(1, Math.ceil(moment - monotonicNow() - 0.001)));
}

/**
 * Runs `task` once after so many milliseconds, as {@link DeadlineTimer} does.
 *
 * @returns takes it back
 * @internal
 */
export function afterReading(milliseconds: number, task: () => void): () => void {
  const timer = new DeadlineTimer(() => task());
  timer.set(monotonicNow() + milliseconds);
  return () => timer.clear();
}
