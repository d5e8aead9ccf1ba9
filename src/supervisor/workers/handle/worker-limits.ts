import type { Clock } from '../../../system/time/clock.js';
import { HeartbeatWatch } from './heartbeat-watch.js';
import { WorkerDeadline } from './worker-deadline.js';
import type { WorkerLife } from './worker-life.js';

/** @internal */
export interface WorkerLimitsTerms {
  /** Milliseconds until it must be ready; `undefined` under an inspector. */
  readonly bootTimeout: number | undefined;
  readonly heartbeat: { readonly interval: number; readonly timeout: number };
}

/**
 * Why limits are suspended: the worker may be blocked because its output is not read, or somebody looks into it.
 *
 * @internal
 */
export type Suspension = 'output' | 'inspection';

/** @internal */
export interface WorkerLimitsObserver {
  /** It is not ready, or has not left, in time. */
  onMissed(reason: 'boot-timeout' | 'drain-timeout'): void;
  /** It has sent no heartbeat for the timeout. */
  onSilent(): void;
}

/**
 * The time limits of one worker: for its boot, between its heartbeats, and for its drain.
 *
 * @internal
 */
export class WorkerLimits {
  readonly #deadline: WorkerDeadline;
  readonly #heartbeats: HeartbeatWatch;
  readonly #suspensions = new Set<Suspension>();

  constructor(
    private readonly life: WorkerLife,
    { bootTimeout, heartbeat }: WorkerLimitsTerms,
    clock: Clock,
    observer: WorkerLimitsObserver,
  ) {
    this.#deadline = new WorkerDeadline(clock, bootTimeout, reason => observer.onMissed(reason));
    this.#heartbeats = new HeartbeatWatch(clock, heartbeat, () => {
      life.become('hung');
      observer.onSilent();
    });
  }

  /** The milliseconds of the deadline that it has missed, if it has. */
  get missed(): number | undefined {
    return this.#deadline.missed;
  }

  /** The milliseconds that it had to leave, if they are over, even if nobody has noticed yet. */
  get exceeded(): number | undefined {
    return this.#deadline.exceeded;
  }

  /** Milliseconds by which the next heartbeat is overdue. */
  get overdue(): number {
    return this.#heartbeats.overdue;
  }

  /** Starts the boot timeout. */
  toBeReady(): void {
    this.#deadline.toBeReady();
  }

  /** Ends the boot timeout; from now on it must send heartbeats. */
  booted(): void {
    this.#deadline.cancel();
    this.#heartbeats.start();
  }

  /** Notes a heartbeat, or any other message. */
  beat(): void {
    this.#heartbeats.beat();
  }

  /** Starts the deadline of `timeout` milliseconds for leaving. It needs no more heartbeats. */
  toLeave(timeout: number): void {
    this.#heartbeats.stop();
    this.#deadline.toLeave(timeout);
  }

  /** Ends all limits. */
  end(): void {
    this.#heartbeats.stop();
    this.#deadline.cancel();
  }

  /** Suspends the limits until `resume()`: see {@link Suspension}. */
  suspend(why: Suspension): void {
    this.#suspensions.add(why);
    this.#heartbeats.suspend();
    if (this.life.isStarting) {
      this.#deadline.cancel();
    }
  }

  /** Resumes the limits, unless there is another reason to suspend them. */
  resume(why: Suspension): void {
    this.#suspensions.delete(why);
    if (this.#suspensions.size > 0) {
      return;
    }
    this.#heartbeats.resume();
    if (this.life.isExpectedToBeReady) {
      this.#deadline.toBeReady();
    }
  }
}
