import { isBootLine, isComplaint } from '../../nest/boot-contexts.js';
import { interceptLogs, type InterceptLogs, type LogCall } from '../../nest/logger-calls.js';
import type { Clock } from '../../system/time/clock.js';

/** @internal */
export interface QuietBootDependencies {
  readonly intercept: InterceptLogs;
  readonly clock: Pick<Clock, 'after'>;
}

/** The maximum number of held lines: a spare may wait for days and create application contexts meanwhile. */
const MOST_LINES = 1_000;

/** Does not keep the process alive. */
const unreferencedTimer: QuietBootDependencies['clock'] = {
  after: (delay, task) => {
    const timer = setTimeout(task, delay).unref();
    return () => clearTimeout(timer);
  },
};

/**
 * Holds back the lines that Nest logs while an application boots, because another worker has logged the same lines. A
 * successful boot discards them. The first warning or error, or a boot that takes too long, prints them and ends the
 * hold.
 *
 * @internal
 */
export class QuietBoot {
  #held: LogCall[] = [];
  #cancel: () => void = () => {};
  readonly #stop: () => void;

  /** @param duration milliseconds after which held lines are printed in any case; with 0, nothing is held back */
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

  /** The worker is on standby: discards the held lines and stops the timer. */
  pause(): void {
    this.#cancel();
    this.#held = [];
  }

  /** Starts the timer. */
  resume(): void {
    this.#cancel();
    this.#cancel =
      this.duration > 0 ? this.deps.clock.after(this.duration, () => this.release()) : () => {};
  }

  /** The boot has succeeded: discards the held lines. */
  end(): void {
    this.#finish();
  }

  /** The boot has failed or takes too long: prints the held lines. */
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
