import { isBootLine, isComplaint } from '../../nest/boot-contexts.js';
import { interceptLogs, type InterceptLogs, type LogCall } from '../../nest/logger-calls.js';
import type { Clock } from '../../system/time/clock.js';

/** @internal */
export interface QuietBootDependencies {
  readonly intercept: InterceptLogs;
  readonly clock: Pick<Clock, 'after'>;
}

/** How many lines are held back: a spare may wait for days, and create contexts meanwhile. */
const MOST_LINES = 1_000;

/** The process need not live on for it. */
const unreferencedTimer: QuietBootDependencies['clock'] = {
  after: (delay, task) => {
    const timer = setTimeout(task, delay).unref();
    return () => clearTimeout(timer);
  },
};

/**
 * Holds back what Nest tells of the start of its application, which another worker has told already. When the boot
 * has succeeded, it is forgotten. With the first warning or error, or if the boot takes too long, it is printed, and
 * so is everything from then on.
 *
 * @internal
 */
export class QuietBoot {
  #held: LogCall[] = [];
  #cancel: () => void = () => {};
  readonly #stop: () => void;

  /** @param duration milliseconds until it is printed in any case; 0: nothing is held back */
  constructor(
    private readonly duration: number,
    private readonly deps: QuietBootDependencies = {
      intercept: interceptLogs,
      clock: unreferencedTimer,
    },
  ) {
    this.#stop = duration > 0 ? deps.intercept(call => this.#holds(call)) : () => {};
    this.resume();
  }

  /** The worker waits until there is a place for it: all has been said, and time does not run. */
  pause(): void {
    this.#cancel();
    this.#held = [];
  }

  /** The time runs from now on. */
  resume(): void {
    this.#cancel();
    this.#cancel =
      this.duration > 0 ? this.deps.clock.after(this.duration, () => this.release()) : () => {};
  }

  /** The boot is over: forgets what was held back. */
  end(): void {
    this.#finish();
  }

  /** Something is wrong: prints what was held back. */
  release(): void {
    this.#finish().forEach(({ print }) => print());
  }

  #finish(): readonly LogCall[] {
    const held = this.#held;
    this.#held = [];
    this.#cancel();
    this.#stop();
    return held;
  }

  #holds(call: LogCall): boolean {
    if (isComplaint(call)) {
      this.release();
      return false;
    }
    if (isBootLine(call)) {
      if (this.#held.length < MOST_LINES) {
        this.#held.push(call);
      }
      return true;
    }
    return false;
  }
}
