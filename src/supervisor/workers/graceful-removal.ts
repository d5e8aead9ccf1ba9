import type { DrainCause } from '../../model/host-status.interface.js';
import type { LeaveTerms } from '../../ipc/supervision.protocol.js';
import type { HostShutdown } from '../host-shutdown.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { SlotRestarts } from './slot-restarts.js';
import type { Takeover } from './takeover.js';
import type { Workforce } from './workforce.js';

/** Milliseconds between the arrivals of one signal at the processes of a group. */
const GROUP_SIGNAL_MILLISECONDS = 50;

/** @internal */
export interface GracefulRemovalDependencies {
  readonly workforce: Pick<Workforce, 'changes'>;
  readonly takeover: Pick<Takeover, 'untilOthersServe'>;
  readonly slotRestarts: Pick<SlotRestarts, 'succeed'>;
  readonly shutdown: Pick<HostShutdown, 'isUnderWay' | 'portClosed' | 'terms'>;
}

/**
 * Lets single workers leave that want to, without closing the port for others.
 *
 * @internal
 */
export class GracefulRemoval {
  constructor(private readonly deps: GracefulRemovalDependencies) {}

  /**
   * Resolves with the terms on which a worker that wants to leave must drain; it serves until then. The signal that
   * it received may be meant for the whole host, as when systemd stops a service: the primary then receives it a
   * moment later.
   *
   * A worker that received a signal serves until its replacement does, or has failed to boot. A worker that closes
   * itself waits only if it is the last one.
   */
  async remove(worker: WorkerHandle, cause: DrainCause): Promise<LeaveTerms> {
    const { workforce, takeover, slotRestarts, shutdown } = this.deps;
    if (cause === 'signal') {
      await workforce.changes.untilOr(GROUP_SIGNAL_MILLISECONDS, () => shutdown.isUnderWay);
    }
    if (worker.state === 'ready' && !shutdown.isUnderWay) {
      const replaced =
        cause === 'signal' ? slotRestarts.succeed(worker, true) : (): boolean => true;
      const onAlone = (): unknown => slotRestarts.succeed(worker, false);
      await takeover.untilOthersServe([worker], replaced, onAlone);
    }
    await shutdown.portClosed();
    const terms = shutdown.terms(cause);
    worker.leaves(terms);
    return terms;
  }
}
