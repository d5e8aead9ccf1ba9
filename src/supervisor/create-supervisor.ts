import { primaryEnd } from '../ipc/protocol.js';
import { supervisionProtocol } from '../ipc/supervision.protocol.js';
import { type DrainCause, NO_SLOT } from '../model/host-status.interface.js';
import { CommandQueue } from './commands/command-queue.js';
import { Recycling } from './commands/recycling.js';
import { ReloadQueue } from './commands/reload-queue.js';
import type { Dismiss } from './commands/replacement.js';
import { Scaling } from './commands/scaling.js';
import { forkWorker } from './fork-worker.js';
import { HostShutdown } from './host-shutdown.js';
import { BootSupervision } from './reactions/boot-supervision.js';
import { HungWorkers } from './reactions/hung-workers.js';
import { WorkerEvents } from './reactions/worker-events.js';
import { WorkerExits } from './reactions/worker-exits.js';
import { observeWorkers } from './reactions/observe-workers.js';
import { WorkerQuestions } from './reactions/worker-questions.js';
import { needsSpeaker } from './policies/boot-log.js';
import { Supervisor } from './supervisor.js';
import type { SupervisorDependencies } from './supervisor-dependencies.js';
import { GracefulRemoval } from './workers/graceful-removal.js';
import type { WorkerHandle } from './workers/handle/worker-handle.js';
import type { ObserveWorker } from './workers/handle/worker-observer.interface.js';
import { OverloadWatch } from './workers/overload-watch.js';
import { SlotRestarts } from './workers/slot-restarts.js';
import { Spares } from './workers/spares.js';
import { Workforce } from './workers/workforce.js';

/**
 * Creates a supervisor with its parts. Parts that need a part created later get a function, which is not called
 * before all parts exist.
 *
 * @internal
 */
export function createSupervisor(deps: SupervisorDependencies): Supervisor {
  const { options, clock, logger, events, services } = deps;

  const forking = { ...deps, protocol: primaryEnd([supervisionProtocol, ...services.protocols]) };
  const commands = new CommandQueue();
  const workforce = new Workforce(
    options.workers,
    clock,
    (slot, standsBy = false) => fork(slot.index, standsBy),
    onWorkersChanged,
  );
  const shared = { commands, workforce, clock, logger };
  const overload = new OverloadWatch(shared);
  const shutdown = new HostShutdown({ ...shared, ...deps, options: options.shutdown, onBegin });
  const { giveUpAfter } = options.restart;
  const boots = new BootSupervision({ workforce, shutdown, giveUpAfter });

  const spares: Spares = new Spares({
    ...shared,
    count: options.spare,
    restart: options.restart,
    fork: () => fork(NO_SLOT, true),
    generation: () => reloads.generation,
    dismiss: dismissFor('reload'),
    onPromoted: spare => services.onPromoted(spare),
  });
  const slotRestarts = new SlotRestarts({
    workforce,
    spares,
    restart: options.restart,
    isStopping: () => shutdown.isUnderWay,
  });
  const { timeout } = options.shutdown;
  const gracefulRemoval = new GracefulRemoval({
    ...shared,
    overload,
    slotRestarts,
    shutdown,
    timeout,
  });

  const reloads: ReloadQueue = new ReloadQueue({
    ...shared,
    options: options.reload,
    dismiss: dismissFor('reload'),
    publish: event => events.publish(event),
    onEnd: () => spares.renew(),
  });
  const scaling = new Scaling({
    ...shared,
    fill: slot => spares.promote(slot, 0) ?? workforce.fill(slot),
    dismiss: dismissFor('scale'),
    onSlotClosed: slot => services.onSlotClosed(slot),
  });
  const recycling = new Recycling({
    ...shared,
    options: options.recycle,
    memory: deps.memory,
    dismiss: dismissFor('recycle'),
  });

  /** The worker whose boot is logged. */
  let speaker: WorkerHandle | undefined;
  const supervisor = new Supervisor({
    ...deps,
    boots,
    reloads,
    scaling,
    shutdown,
    spares,
    workforce,
  });

  const parts = { ...shared, events, services, boots, shutdown, slotRestarts, spares, reloads };
  const exits = new WorkerExits(parts);
  const observe: ObserveWorker<WorkerHandle> = observeWorkers({
    ...parts,
    overload,
    recycling,
    hungWorkers: new HungWorkers({
      ...parts,
      timeout: options.heartbeat.timeout,
      readBlockedStack: deps.readBlockedStack,
    }),
    questions: new WorkerQuestions({
      ...parts,
      gracefulRemoval,
      overload,
      scaling,
      status: () => supervisor.status(),
    }),
    workerEvents: new WorkerEvents({ ...parts, exits }),
  });

  return supervisor;

  function fork(slot: number, standsBy: boolean): WorkerHandle {
    const isQuiet = standsBy || !needsSpeaker(speaker);
    const { generation } = reloads;
    const worker = forkWorker({ slot, generation, standsBy, isQuiet }, forking, observe);
    if (!isQuiet) {
      speaker = worker;
    }
    return worker;
  }

  function dismissFor(cause: DrainCause): Dismiss {
    return (...workers) => gracefulRemoval.dismiss(workers, cause);
  }

  function onWorkersChanged(): void {
    const pids = workforce.workers.map(({ pid }) => pid);
    deps.onWorkersChanged(pids.filter(pid => pid > 0));
    overload.check();
  }

  function onBegin(): void {
    workforce.cancelRefills();
    spares.close();
    boots.resume();
  }
}
