import { CommandQueue } from './commands/command-queue.js';
import { createCommands } from './commands/create-commands.js';
import { BootSupervision } from './reactions/boot-supervision.js';
import { createReactions } from './reactions/create-reactions.js';
import { Supervisor } from './supervisor.js';
import type { SupervisorDependencies } from './supervisor-dependencies.js';
import { createWorkers } from './workers/create-workers.js';
import { Generation } from './workers/generation.js';
import type { WorkerHandle } from './workers/handle/worker-handle.js';
import type { ObserveWorker } from './workers/handle/worker-observer.interface.js';

/**
 * Creates a supervisor: its workers, the commands that change them, and the reactions to what the workers report.
 *
 * @internal
 */
export function createSupervisor(deps: SupervisorDependencies): Supervisor {
  const shared = { ...deps, commands: new CommandQueue(), generation: new Generation() };
  // No worker is forked before the supervisor starts.
  const workers = createWorkers({ ...shared, observe: worker => observe(worker) });
  const commands = createCommands({ ...shared, ...workers });
  const boots = new BootSupervision({ ...workers, ...deps.options.restart });
  const supervisor = new Supervisor({ ...deps, ...workers, ...commands, boots });
  const observe: ObserveWorker<WorkerHandle> = createReactions({
    ...deps,
    ...workers,
    ...commands,
    boots,
    status: () => supervisor.status(),
  });
  workers.shutdown.onBegin(() => {
    boots.resume();
    deps.onStopping?.();
  });
  return supervisor;
}
