import { primaryEnd } from '../../ipc/protocol.js';
import { supervisionProtocol } from '../../ipc/supervision.protocol.js';
import { NO_SLOT } from '../../model/host-status.interface.js';
import type { CommandQueue } from '../commands/command-queue.js';
import { HostShutdown } from '../host-shutdown.js';
import type { SupervisorDependencies } from '../supervisor-dependencies.js';
import { Dismissal } from './dismissal.js';
import type { Generation } from './generation.js';
import { GracefulRemoval } from './graceful-removal.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { ObserveWorker } from './handle/worker-observer.interface.js';
import { OverloadWatch } from './overload-watch.js';
import { SlotRestarts } from './slot-restarts.js';
import { Spares } from './spares.js';
import { Takeover } from './takeover.js';
import { WorkerForks } from './worker-forks.js';
import { Workforce } from './workforce.js';

/** @internal */
export interface CreateWorkersDependencies extends SupervisorDependencies {
  readonly commands: CommandQueue;
  readonly generation: Generation;
  readonly observe: ObserveWorker<WorkerHandle>;
}

/** The workers, and the parts that start them and let them leave. @internal */
export interface Workers {
  readonly workforce: Workforce;
  readonly overload: OverloadWatch;
  readonly shutdown: HostShutdown;
  readonly dismissal: Dismissal;
  readonly spares: Spares;
  readonly slotRestarts: SlotRestarts;
  readonly gracefulRemoval: GracefulRemoval;
}

/** @internal */
export function createWorkers(deps: CreateWorkersDependencies): Workers {
  const { options, clock, services } = deps;
  const { restart } = options;

  const protocol = primaryEnd([supervisionProtocol, ...services.protocols]);
  const forks = new WorkerForks({ ...deps, protocol });
  const workforce: Workforce = new Workforce(
    options.workers,
    clock,
    (slot, standsBy = false) => forks.fork(slot.index, standsBy),
    () => {
      deps.onWorkersChanged(workforce.pids);
      overload.check();
    },
  );
  const overload = new OverloadWatch({ ...deps, workforce });

  const shutdown = new HostShutdown({ ...deps, workforce, options: options.shutdown });
  const { timeout } = options.shutdown;
  const takeover = new Takeover({ timeout, clock, workforce, overload, shutdown });
  const dismissal = new Dismissal({ takeover, shutdown });

  const spares = new Spares({
    ...deps,
    count: options.spare,
    restart,
    workforce,
    fork: () => forks.fork(NO_SLOT, true),
    dismiss: dismissal.for('reload'),
    onPromoted: spare => services.onPromoted(spare),
  });
  const slotRestarts = new SlotRestarts({ restart, workforce, spares, shutdown });
  const gracefulRemoval = new GracefulRemoval({ workforce, takeover, slotRestarts, shutdown });

  shutdown.onBegin(() => {
    workforce.cancelRefills();
    spares.close();
  });
  return { workforce, overload, shutdown, dismissal, spares, slotRestarts, gracefulRemoval };
}
