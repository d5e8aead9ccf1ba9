import type { HostStatus } from '../../model/host-status.interface.js';
import type { Commands } from '../commands/create-commands.js';
import type { SupervisorDependencies } from '../supervisor-dependencies.js';
import type { Workers } from '../workers/create-workers.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { ObserveWorker } from '../workers/handle/worker-observer.interface.js';
import type { BootSupervision } from './boot-supervision.js';
import { HungWorkers } from './hung-workers.js';
import { observeWorkers } from './observe-workers.js';
import { WorkerEvents } from './worker-events.js';
import { WorkerExits } from './worker-exits.js';
import { WorkerQuestions } from './worker-questions.js';

/** @internal */
export interface CreateReactionsDependencies extends SupervisorDependencies, Workers, Commands {
  readonly boots: BootSupervision;
  readonly status: () => HostStatus;
}

/** Creates the parts that react to workers, and returns what connects a new worker to them. @internal */
export function createReactions(deps: CreateReactionsDependencies): ObserveWorker<WorkerHandle> {
  const { timeout } = deps.options.heartbeat;
  const exits = new WorkerExits(deps);
  return observeWorkers({
    ...deps,
    hungWorkers: new HungWorkers({ ...deps, timeout }),
    questions: new WorkerQuestions(deps),
    workerEvents: new WorkerEvents({ ...deps, exits }),
  });
}
