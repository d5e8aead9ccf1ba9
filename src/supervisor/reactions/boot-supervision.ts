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

/** Why no worker of the host can boot. */
interface HopelessFailure {
  readonly failure: BootFailure;
  readonly reason: HopelessReason;
}

/**
 * Decides whether the host goes on when workers fail to boot, and prints what they have said of it once.
 *
 * @internal
 */
export class BootSupervision {
  readonly #failures = new BootFailures();
  /**
   * Whether the code of this host works: a failure to boot may then come to an end. `hopeless` is how a host ends of
   * which no worker can boot.
   */
  #code: 'unproven' | 'proven' | 'hopeless' = 'unproven';
  /** The workers that the host has started with: it does not give up before each of them has had its chance. */
  #firstRound: readonly WorkerHandle[] = [];
  /** Why the host ends if none of them becomes ready. */
  #hopeless: HopelessFailure | undefined;
  /** Those that have failed for such a reason, and what is to be done about each if the host goes on. */
  readonly #postponed = new Map<WorkerHandle, () => void>();

  constructor(private readonly deps: BootSupervisionDependencies) {}

  /** Whether the host ends because no worker can boot, which one line has told. */
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
   * Ends the host if no worker was ever ready, one has failed for a reason that none can heal, and none of those that
   * the host has started with may become ready. As long as one may, what is to be done about such a failure waits.
   *
   * @param handle what is to be done about the exit of the worker
   * @returns whether it is not to be done now
   */
  postpones(worker: WorkerHandle, reason: WorkerExitReason, handle: () => void): boolean {
    const isOwnEnd = reason === 'boot-failed' || reason === 'drain-timeout';
    const hopeless = isOwnEnd ? this.#hopelessFailureOf(worker) : undefined;
    this.#hopeless ??= hopeless;
    // Who has left on a signal has not failed: its successor has the same chance.
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

  /** The host goes on, or stops: does what was postponed. */
  resume(): void {
    const postponed = [...this.#postponed.values()];
    this.#postponed.clear();
    postponed.forEach(handle => handle());
  }

  /** Whether a worker has told of a failure for which no other one can boot either. */
  isHopelessFor(worker: WorkerHandle): boolean {
    return this.#hopelessFailureOf(worker) !== undefined;
  }

  /**
   * Prints what a worker that has ended said while it booted, if it is news.
   *
   * @param wasAwaited whether it was to replace another one: somebody tells what became of it
   * @returns whether the host is to give up: nobody serves, and booting keeps failing
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

  /** Ends the host. */
  giveUp(error: string | undefined): void {
    this.deps.shutdown.giveUp(supervisorMessages.gaveUp(this.#failures.count, error));
  }

  get #mayBeHopeless(): boolean {
    return this.#code !== 'proven' && !this.deps.shutdown.isUnderWay;
  }

  /** Whether one of the workers that the host has started with has yet to become ready or to fail. */
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
      // The line of the primary tells it all, and stacks tell nothing more.
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
