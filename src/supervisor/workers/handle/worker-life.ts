import type { WorkerState } from '../../../model/host-status.interface.js';
import type { Clock } from '../../../system/time/clock.js';
import { mayBecome } from './worker-states.js';

/**
 * What there is a time of: when a state began, and two things that are no states. One that is promoted stands by until
 * it is ready. Of one that has ended the last words may be on their way; until they are read, it has the state it had.
 */
type Milestone = WorkerState | 'promoted' | 'ended';

/**
 * The state of one worker, by the table of `worker-states.ts`, and since when.
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

  /** Whether it has yet to become ready. */
  get isStarting(): boolean {
    return this.#state === 'booting' || this.#state === 'standby';
  }

  /** Whether it was ever ready, or stood by. */
  get hasBooted(): boolean {
    return this.#times.has('ready') || this.#times.has('standby');
  }

  /** Whether the process has ended. */
  get hasEnded(): boolean {
    return this.#times.has('ended');
  }

  /** Whether the boot timeout applies. Not to one that stands by: it has all the time that it is left. */
  get isExpectedToBeReady(): boolean {
    const isPromoted = this.#state === 'standby' && this.#times.has('promoted');
    return !this.hasEnded && (this.#state === 'booting' || isPromoted);
  }

  /** Milliseconds since it was forked. */
  get uptime(): number {
    return this.#since('booting');
  }

  /** Milliseconds since it became ready, 0 if it never was. */
  get readyFor(): number {
    return this.#since('ready');
  }

  /** Of one that has just booted, milliseconds from its fork, or its promotion, until it was ready or stood by. */
  get bootTime(): number {
    const isPromoted = this.#state === 'ready' && this.#times.has('promoted');
    return this.#since(isPromoted ? 'promoted' : 'booting');
  }

  /** @returns whether it may, and does */
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
