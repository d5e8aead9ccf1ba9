import type { WorkerExitedEvent } from '../../../model/events/cluster-event.interface.js';
import type {
  DrainCause,
  DrainPhases,
  WorkerExitReason,
} from '../../../model/host-status.interface.js';
import type { BootFailure } from '../../../ipc/supervision.protocol.js';
import { errorLine } from '../../output/output-summary.js';
import type { WorkerOutput } from '../../output/worker-output.js';
import { exitReason } from '../../policies/exit-reason.js';
import { bootFailureIn } from '../../policies/hopeless-boot.js';
import type { WorkerLife } from './worker-life.js';

/**
 * What is known of the end of a worker: who wanted it, what the worker has said of it, and how it came.
 *
 * @internal
 */
export class WorkerEnding {
  #exit: WorkerExitedEvent | undefined;
  #bootFailure: BootFailure | undefined;
  #phases: DrainPhases | undefined;
  #killedFor: WorkerExitReason | undefined;
  #incompatibility: string | undefined;
  #isOrdered = false;
  #cause: DrainCause | undefined;

  /** @param output what it says on its standard error */
  constructor(private readonly output: Pick<WorkerOutput, 'tail'> | undefined) {}

  /** How it ended, once it has. */
  get exit(): WorkerExitedEvent | undefined {
    return this.#exit;
  }

  /** Why it does not boot, as far as it has told. Whom a signal has ended has not said why. */
  get bootFailure(): BootFailure | undefined {
    const hasFailed = Boolean(this.#exit?.code);
    return this.#bootFailure ?? (hasFailed ? bootFailureIn(this.output?.tail ?? '') : undefined);
  }

  /** Whether it has left because somebody else than the primary sent it a signal: no fault of its code. */
  get leftOnSignal(): boolean {
    const { reason, signal } = this.#exit ?? {};
    const wasSignalled = this.#cause === undefined ? Boolean(signal) : this.#cause === 'signal';
    return reason === 'left' && !this.#isOrdered && wasSignalled;
  }

  /** Whether it has ended without an error, and nobody has told it to: it closed itself, or exited with 0. */
  get isItsOwn(): boolean {
    const isDone = this.#cause === undefined && this.#exit?.code === 0;
    return !this.#isOrdered && (this.#cause === 'close' || isDone);
  }

  /** What is known of why it failed, in a line. */
  get error(): string | undefined {
    return this.#incompatibility ?? errorLine(this.output?.tail ?? '');
  }

  /** The primary tells it to leave. */
  ordered(): void {
    this.#isOrdered = true;
  }

  /** It drains; the first cause counts. */
  drains(cause: DrainCause): void {
    this.#cause ??= cause;
  }

  /** It has drained. */
  drained(phases: DrainPhases): void {
    this.#phases = phases;
  }

  /** It is killed; the first reason counts. */
  killed(reason: WorkerExitReason): void {
    this.#killedFor ??= reason;
  }

  /** An error that its boot may fail with. */
  bootFailed(failure: BootFailure): void {
    this.#bootFailure = failure;
  }

  /** The application has handled what it has told of: it listens elsewhere, or again. */
  bootGoesOn(): void {
    this.#bootFailure = undefined;
  }

  /** It has another version, or none. */
  incompatible(why: string): void {
    this.#incompatibility = why;
  }

  /** What to make of the end of its process. */
  reason(
    { state, hasBooted }: Pick<WorkerLife, 'state' | 'hasBooted'>,
    code: number | null,
    signal: NodeJS.Signals | null,
  ): WorkerExitReason {
    const hadReason = hasBooted || this.#isOrdered || this.#cause === 'signal';
    return this.#killedFor ?? exitReason(state, code, signal, hadReason);
  }

  /** It has ended, and said all that it had to say. */
  conclude(exit: Omit<WorkerExitedEvent, 'type' | 'phases'>): WorkerExitedEvent {
    this.#exit = {
      ...exit,
      type: 'workerExited',
      ...(this.#phases && { phases: this.#phases }),
    };
    return this.#exit;
  }
}
