import type { WorkerExitReason } from '../../model/host-status.interface.js';
import type { BootFailure } from '../../ipc/supervision.protocol.js';
import type { HostShutdown } from '../host-shutdown.js';
import { BootFailures } from '../policies/boot-failures.js';
import { type HopelessReason, hopelessReason } from '../policies/hopeless-boot.js';
import { shouldGiveUp } from '../policies/restart-policy.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';

/** @internal */
export interface BootSupervisionDependencies {
  readonly workforce: { readonly readyCount: number };
  readonly shutdown: Pick<HostShutdown, 'isUnderWay' | 'giveUp'>;
  /** Failed boots in a row. */
  readonly giveUpAfter: number;
}

/** Why no worker of this host can boot. */
interface HopelessFailure {
  readonly failure: BootFailure;
  readonly reason: HopelessReason;
}

/**
 * Decides whether the host continues when workers fail to boot, and prints their output once.
 *
 * @internal
 */
export class BootSupervision {
  readonly #failures = new BootFailures();
  /**
   * Whether a worker of this host has ever booted. `proven`: one has, so failing boots may recover. `hopeless`: none
   * can, and the host ends.
   */
  #code: 'unproven' | 'proven' | 'hopeless' = 'unproven';
  /** The workers of the host's start. The host does not give up before each of them has booted or failed. */
  #firstRound: readonly WorkerHandle[] = [];
  /** Why the host ends if none of them becomes ready. */
  #hopeless: HopelessFailure | undefined;
  /** Workers that failed for such a reason, with the handling of their exit if the host continues. */
  readonly #postponed = new Map<WorkerHandle, () => void>();

  constructor(private readonly deps: BootSupervisionDependencies) {}

  /** Whether the host ends because no worker can boot; one log line has told why. */
  get isHopeless(): boolean {
    return this.#code === 'hopeless';
  }

  begin(firstRound: readonly WorkerHandle[]): void {
    this.#firstRound = firstRound;
  }

  onReady(worker: WorkerHandle): void {
    if (this.#code === 'unproven') {
      this.#code = 'proven';
    }
    this.#firstRound = this.#firstRound.filter(({ isStarting }) => isStarting);
    this.#failures.clear(worker.slot);
    this.resume();
  }

  /**
   * Ends the host if no worker was ever ready, one has failed for a reason that further boots cannot fix, and none
   * of the first workers can still become ready. While one can, the handling of such a failure is postponed.
   *
   * @param handle handles the exit of the worker
   * @returns whether the handling is postponed
   */
  postpones(worker: WorkerHandle, reason: WorkerExitReason, handle: () => void): boolean {
    const isOwnEnd = reason === 'boot-failed' || reason === 'drain-timeout';
    const hopeless = isOwnEnd ? this.#hopelessFailureOf(worker) : undefined;
    this.#hopeless ??= hopeless;
    // A worker that received a signal has not failed: its successor may boot.
    const mayEnd = reason !== 'left' && this.#mayBeHopeless;
    if (!this.#hopeless || !mayEnd) {
      return false;
    }
    if (!this.#mayOthersBoot) {
      this.#postponed.set(worker, handle);
      this.#endAsHopeless(this.#hopeless);
      return true;
    }
    if (hopeless) {
      this.#postponed.set(worker, handle);
    }
    return hopeless !== undefined;
  }

  /** Handles the postponed exits, because the host continues or stops. */
  resume(): void {
    const postponed = [...this.#postponed.values()];
    this.#postponed.clear();
    postponed.forEach(handle => handle());
  }

  /** Whether a worker has reported a failure that would prevent every other worker from booting. */
  isHopelessFor(worker: WorkerHandle): boolean {
    return this.#hopelessFailureOf(worker) !== undefined;
  }

  /**
   * Prints what an exited worker wrote while it booted, unless it has been printed before.
   *
   * @param wasAwaited whether it was to replace another worker: the command then reports the outcome
   * @returns whether the host must give up, because no worker serves and boots keep failing
   */
  noteExit(worker: WorkerHandle, reason: WorkerExitReason, wasAwaited: boolean): boolean {
    const hasFailed = reason === 'boot-failed' || reason === 'boot-timeout';
    if (wasAwaited) {
      worker.output?.release();
    } else if (hasFailed) {
      this.#failures.add(worker.slot, worker.output);
    } else if (worker.readyFor === 0) {
      this.#failures.printNews(worker.slot, worker.output);
    }
    return hasFailed && !this.deps.shutdown.isUnderWay && this.#shouldGiveUp;
  }

  /** Ends the host after too many failed boots. */
  giveUp(error: string | undefined): void {
    this.deps.shutdown.giveUp(supervisorMessages.gaveUp(this.#failures.count, error));
  }

  get #mayBeHopeless(): boolean {
    return this.#code !== 'proven' && !this.deps.shutdown.isUnderWay;
  }

  /** Whether one of the first workers may still become ready. */
  get #mayOthersBoot(): boolean {
    return this.#firstRound.some(({ isStarting }) => isStarting);
  }

  get #shouldGiveUp(): boolean {
    const { workforce, giveUpAfter } = this.deps;
    return (
      !this.#mayOthersBoot && shouldGiveUp(this.#failures.count, workforce.readyCount, giveUpAfter)
    );
  }

  #endAsHopeless({ failure, reason }: HopelessFailure): void {
    this.#code = 'hopeless';
    const failed = [...this.#postponed.keys()];
    this.#postponed.clear();
    if (failure.address) {
      // The log line of the primary has the reason; stacks add nothing.
      this.#failures.explained();
    }
    for (const { slot, output } of failed) {
      this.#failures.add(slot, output);
      this.#failures.explained();
    }
    this.deps.shutdown.giveUp(supervisorMessages.hopeless(reason, failure));
  }

  #hopelessFailureOf(worker: WorkerHandle): HopelessFailure | undefined {
    const failure = this.#mayBeHopeless ? worker.ending.bootFailure : undefined;
    const reason = failure && hopelessReason(failure);
    return reason && { failure, reason };
  }
}
