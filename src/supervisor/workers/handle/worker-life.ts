import type { WorkerState } from '../../../model/host-status.interface.js';
import type { Clock } from '../../../system/time/clock.js';
import { mayBecome } from './worker-states.js';

/**
 * What a time is recorded for: the beginning of each state, and two events that are not states. A promoted spare is
 * on standby until it is ready. An ended worker keeps its state until all its output has arrived.
 */
type Milestone = WorkerState | 'promoted' | 'ended';

/**
 * The state of one worker, by the table of `worker-states.ts`, and the times of its changes.
 *
 * @internal
 */
export class WorkerLife {
  #state: WorkerState = 'booting';
  readonly #times = new Map<Milestone, number>();

  constructor(private readonly clock: Clock) {
    this.#reach('booting');
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Whether it is not ready yet. */
  get isStarting(): boolean {
    return this.#state === 'booting' || this.#state === 'standby';
  }

  /** Whether it was ever ready or on standby. */
  get hasBooted(): boolean {
    return this.#times.has('ready') || this.#times.has('standby');
  }

  /** Whether the process has ended. */
  get hasEnded(): boolean {
    return this.#times.has('ended');
  }

  /** Whether the boot timeout applies. It does not apply to a spare that waits for its promotion. */
  get isExpectedToBeReady(): boolean {
    const isPromoted = this.#state === 'standby' && this.#times.has('promoted');
    return !this.hasEnded && (this.#state === 'booting' || isPromoted);
  }

  /** Milliseconds since it was forked. */
  get uptime(): number {
    return this.#since('booting');
  }

  /** Milliseconds since it became ready; 0 if it never was. */
  get readyFor(): number {
    return this.#since('ready');
  }

  /** For a worker that has just booted: milliseconds from its fork or promotion until it was ready or on standby. */
  get bootTime(): number {
    const isPromoted = this.#state === 'ready' && this.#times.has('promoted');
    return this.#since(isPromoted ? 'promoted' : 'booting');
  }

  /** Changes the state if the table allows it, and returns whether it did. */
  become(state: WorkerState): boolean {
    const isLegal = mayBecome(this.#state, state);
    if (isLegal) {
      this.#state = state;
      this.#reach(state);
    }
    return isLegal;
  }

  promoted(): void {
    this.#reach('promoted');
  }

  ended(): void {
    this.#reach('ended');
  }

  #reach(milestone: Milestone): void {
    this.#times.set(milestone, this.clock.now());
  }

  #since(milestone: Milestone): number {
    const time = this.#times.get(milestone);
    return time === undefined ? 0 : this.clock.now() - time;
  }
}
