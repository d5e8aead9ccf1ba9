import type { WorkerState } from '../../../model/host-status.interface.js';
import type { Clock } from '../../../system/time/clock.js';
import { isShown, mayBecome, type WorkerStage } from './worker-states.js';

/**
 * The stage of one worker, by the table of `worker-states.ts`, and the times of its changes.
 *
 * @internal
 */
export class WorkerLife {
  #stage: WorkerStage = 'booting';
  #state: WorkerState = 'booting';
  readonly #times = new Map<WorkerStage, number>();
  #isOnline = false;

  constructor(private readonly clock: Clock) {
    this.#times.set('booting', clock.now());
  }

  /** The state that users see. */
  get state(): WorkerState {
    return this.#state;
  }

  /** Whether it is not ready yet. */
  get isStarting(): boolean {
    return this.#state === 'booting' || this.#state === 'standby';
  }

  /** Whether it has booted, and waits for a slot. */
  get isWaiting(): boolean {
    return this.#stage === 'standby';
  }

  /** Whether it was ever ready or on standby. */
  get hasBooted(): boolean {
    return this.#times.has('ready') || this.#times.has('standby');
  }

  /** Whether its process runs JavaScript, and handles signals. */
  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** Whether it has sent no heartbeat for the timeout, and is killed. */
  get isHung(): boolean {
    return this.#stage === 'hung';
  }

  /** Whether it handles requests, as far as is known. */
  get serves(): boolean {
    return this.#stage === 'ready';
  }

  /** Whether the process has ended. */
  get hasEnded(): boolean {
    return this.#times.has('ended');
  }

  /** Whether the boot timeout applies. It does not apply to a spare that waits for its promotion. */
  get isExpectedToBeReady(): boolean {
    return this.#stage === 'booting' || this.#stage === 'promoted';
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
    return this.#since(this.#times.has('promoted') ? 'promoted' : 'booting');
  }

  online(): void {
    this.#isOnline = true;
  }

  /** Changes the stage if the table allows it, and returns whether it did. */
  become(stage: WorkerStage): boolean {
    const isLegal = mayBecome(this.#stage, stage);
    if (isLegal) {
      this.#stage = stage;
      this.#times.set(stage, this.clock.now());
      if (isShown(stage)) {
        this.#state = stage;
      }
    }
    return isLegal;
  }

  #since(stage: WorkerStage): number {
    const time = this.#times.get(stage);
    return time === undefined ? 0 : this.clock.now() - time;
  }
}
