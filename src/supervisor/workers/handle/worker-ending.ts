import type { WorkerExitedEvent } from '../../../model/events/cluster-event.interface.js';
import type {
  DrainCause,
  DrainPhases,
  UnfinishedWork,
  WorkerExitReason,
} from '../../../model/host-status.interface.js';
import type { BootFailure } from '../../../ipc/supervision.protocol.js';
import { errorLine } from '../../output/output-summary.js';
import type { WorkerOutput } from '../../output/worker-output.js';
import { exitReason } from '../../policies/exit-reason.js';
import { bootFailureIn } from '../../policies/hopeless-boot.js';
import type { WorkerLife } from './worker-life.js';

/**
 * Collects what is known about the end of a worker: who caused it, what the worker reported, and how its process
 * ended.
 *
 * @internal
 */
export class WorkerEnding {
  #exit: WorkerExitedEvent | undefined;
  #bootFailure: BootFailure | undefined;
  #phases: DrainPhases | undefined;
  #unfinished: UnfinishedWork | undefined;
  #killedFor: WorkerExitReason | undefined;
  #incompatibility: string | undefined;
  #isOrdered = false;
  #cause: DrainCause | undefined;

  /**
   * @param output the worker's standard error
   */
  constructor(private readonly output: Pick<WorkerOutput, 'tail'> | undefined) {}

  /** How it ended; `undefined` until then. */
  get exit(): WorkerExitedEvent | undefined {
    return this.#exit;
  }

  /** Why its boot failed, if the worker has reported it. A worker that a signal has ended has not. */
  get bootFailure(): BootFailure | undefined {
    const hasFailed = Boolean(this.#exit?.code);
    return this.#bootFailure ?? (hasFailed ? bootFailureIn(this.output?.tail ?? '') : undefined);
  }

  /** Whether it left because someone other than the primary sent it a signal; its code is not at fault then. */
  get leftOnSignal(): boolean {
    const { reason, signal } = this.#exit ?? {};
    const wasSignalled = this.#cause === undefined ? Boolean(signal) : this.#cause === 'signal';
    return reason === 'left' && !this.#isOrdered && wasSignalled;
  }

  /** Whether it ended by itself without an error: it closed itself, or exited with code 0. */
  get isItsOwn(): boolean {
    const isDone = this.#cause === undefined && this.#exit?.code === 0;
    return !this.#isOrdered && (this.#cause === 'close' || isDone);
  }

  /** One line on why it failed. */
  get error(): string | undefined {
    return this.#incompatibility ?? errorLine(this.output?.tail ?? '');
  }

  /** Notes that the primary has told it to leave. */
  ordered(): void {
    this.#isOrdered = true;
  }

  /** Notes that it drains; the first cause counts. */
  drains(cause: DrainCause): void {
    this.#cause ??= cause;
  }

  /** Notes that it has drained. */
  drained(phases: DrainPhases, unfinished?: UnfinishedWork): void {
    this.#phases = phases;
    this.#unfinished = unfinished;
  }

  /** Notes that it is being killed; the first reason counts. */
  killed(reason: WorkerExitReason): void {
    this.#killedFor ??= reason;
  }

  /** Notes an error that its boot may fail with. */
  bootFailed(failure: BootFailure): void {
    this.#bootFailure = failure;
  }

  /** Forgets that error, because the application has handled it: it listens on another address, or has tried again. */
  bootGoesOn(): void {
    this.#bootFailure = undefined;
  }

  /** Notes that it has an incompatible version, or none. */
  incompatible(why: string): void {
    this.#incompatibility = why;
  }

  /**
   * Returns the exit reason of its process.
   *
   * @param isLate whether it has ended after the time that it had to leave: it gives up by itself then
   */
  reason(
    { state, hasBooted }: Pick<WorkerLife, 'state' | 'hasBooted'>,
    code: number | null,
    signal: NodeJS.Signals | null,
    isLate = false,
  ): WorkerExitReason {
    const hadReason = hasBooted || this.#isOrdered || this.#cause === 'signal';
    // The exit of a worker that was done in time may be read late.
    const gaveUp = isLate && code ? 'drain-timeout' : undefined;
    return this.#killedFor ?? gaveUp ?? exitReason(state, code, signal, hadReason);
  }

  /** Notes that it has exited, and that all its output has arrived. Returns the event. */
  conclude(exit: Omit<WorkerExitedEvent, 'type' | 'phases' | 'unfinished'>): WorkerExitedEvent {
    this.#exit = {
      ...exit,
      type: 'workerExited',
      ...(this.#phases && { phases: this.#phases }),
      ...(this.#unfinished && { unfinished: this.#unfinished }),
    };
    return this.#exit;
  }
}
