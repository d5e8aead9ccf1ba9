import type { DrainCause } from '../../model/host-status.interface.js';
import type { Clock } from '../../system/time/clock.js';
import type { LeaveTerms } from '../../ipc/supervision.protocol.js';
import type { OverloadWatch } from './overload-watch.js';
import type { SlotRestarts } from './slot-restarts.js';
import type { HostShutdown } from '../host-shutdown.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { Workforce } from './workforce.js';

/** Milliseconds between the arrivals of one signal at the processes of a group. */
const GROUP_SIGNAL_MILLISECONDS = 50;

/** @internal */
export interface GracefulRemovalDependencies {
  /** Maximum milliseconds for which a worker waits for another one to take its connections. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly workforce: Workforce;
  readonly overload: OverloadWatch;
  readonly slotRestarts: SlotRestarts;
  readonly shutdown: HostShutdown;
}

/**
 * Lets single workers leave without closing the port, which closes when the last worker stops listening. Whether
 * other workers take connections is checked whenever it may have changed, until the worker is told to leave: another
 * worker may die while this one waits.
 *
 * @internal
 */
export class GracefulRemoval {
  constructor(private readonly deps: GracefulRemovalDependencies) {}

  /** Makes workers drain that were replaced or are no longer needed. */
  async dismiss(workers: readonly WorkerHandle[], cause: DrainCause): Promise<void> {
    const { shutdown } = this.deps;
    await this.#untilOthersServe(workers, () => true);
    if (!shutdown.isUnderWay) {
      workers.forEach(worker => worker.drain(shutdown.terms(cause)));
    }
  }

  /**
   * Resolves with the terms on which a worker that wants to leave must drain; it serves until then. The signal that
   * it received may be meant for the whole host, as when systemd stops a service: the primary then receives it a
   * moment later.
   *
   * A worker that received a signal serves until its replacement does, or has failed to boot. A worker that closes
   * itself waits only if it is the last one.
   */
  async remove(worker: WorkerHandle, cause: DrainCause): Promise<LeaveTerms> {
    const { slotRestarts, shutdown } = this.deps;
    if (cause === 'signal') {
      await this.#unlessStopping(GROUP_SIGNAL_MILLISECONDS, () => false);
    }
    if (worker.state === 'ready' && !shutdown.isUnderWay) {
      const replaced =
        cause === 'signal' ? slotRestarts.succeed(worker, true) : (): boolean => true;
      await this.#untilOthersServe([worker], replaced, () => slotRestarts.succeed(worker, false));
    }
    await shutdown.portClosed();
    const terms = shutdown.terms(cause);
    worker.leaves(terms);
    return terms;
  }

  /**
   * Resolves when other workers take connections and `isReplaced()` is true, when the leaving workers no longer
   * serve, when a stop has begun, or after the timeout.
   *
   * @param onAlone called when no other worker serves; may be called more than once
   */
  async #untilOthersServe(
    leaving: readonly WorkerHandle[],
    isReplaced: () => boolean,
    onAlone: () => void = () => {},
  ): Promise<void> {
    const { clock, overload, shutdown, timeout } = this.deps;
    const mayGo = (): boolean =>
      shutdown.isUnderWay ||
      !leaving.some(({ serves }) => serves) ||
      (overload.someoneElseTakes(leaving) && isReplaced());
    const others = (): string =>
      overload
        .othersThan(leaving)
        .map(({ pid }) => pid)
        .join();
    const deadline = clock.now() + timeout;
    // In a loop: the state may have changed again before this continuation runs.
    while (!mayGo() && clock.now() < deadline) {
      const before = others();
      if (before === '') {
        onAlone();
      } else if (!overload.someoneElseTakes(leaving)) {
        overload.openOthersThan(leaving);
      }
      await this.#unlessStopping(deadline - clock.now(), () => mayGo() || others() !== before);
    }
  }

  /** Waits for `condition`, for at most `milliseconds`, or until a stop begins. */
  async #unlessStopping(milliseconds: number, condition: () => boolean): Promise<void> {
    const { workforce, shutdown } = this.deps;
    await workforce.changes.untilOr(milliseconds, () => condition() || shutdown.isUnderWay);
  }
}
