import type { DrainCause } from '../../model/host-status.interface.js';
import type { Clock } from '../../system/time/clock.js';
import type { LeaveTerms } from '../../ipc/supervision.protocol.js';
import type { OverloadWatch } from './overload-watch.js';
import type { SlotRestarts } from './slot-restarts.js';
import type { HostShutdown } from '../host-shutdown.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { Workforce } from './workforce.js';

/** How long signals to one process group may be apart in reaching its processes. */
const GROUP_SIGNAL_MILLISECONDS = 50;

/** @internal */
export interface GracefulRemovalDependencies {
  /** Milliseconds that a worker waits at most for somebody who takes over. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly workforce: Workforce;
  readonly overload: OverloadWatch;
  readonly slotRestarts: SlotRestarts;
  readonly shutdown: HostShutdown;
}

/**
 * Lets single workers leave without closing the port, which happens when the last worker stops to
 * listen. Whether others take connections is looked at again whenever that may have changed, until the
 * very moment in which a worker is told to leave: another worker may die while this one waits.
 *
 * @internal
 */
export class GracefulRemoval {
  constructor(private readonly deps: GracefulRemovalDependencies) {}

  /** Sends workers away that have been replaced, or are no longer needed. */
  async dismiss(workers: readonly WorkerHandle[], cause: DrainCause): Promise<void> {
    const { shutdown } = this.deps;
    await this.#untilOthersServe(workers, () => true);
    if (!shutdown.isUnderWay) {
      workers.forEach(worker => worker.drain(shutdown.terms(cause)));
    }
  }

  /**
   * A worker wants to leave; it serves on until it is told the terms. The signal that makes it may be
   * meant for the whole host, as when systemd stops a service: then ours is a moment behind at most.
   *
   * A worker that was sent a signal serves until its replacement does, or has failed to boot. One that
   * closes itself waits only if it is the last.
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
   * Resolves when other workers take connections and `isReplaced()`, when those that leave no longer
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
    // Not a single wait: what has ended it may be outdated by the time that it is heard of here.
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

  /** Waits for `condition`, at most so long, and not beyond the beginning of a stop. */
  async #unlessStopping(milliseconds: number, condition: () => boolean): Promise<void> {
    const { workforce, shutdown } = this.deps;
    await workforce.changes.untilOr(milliseconds, () => condition() || shutdown.isUnderWay);
  }
}
