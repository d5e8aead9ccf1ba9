import { BusBroker } from '../bus/primary/bus-broker.js';
import type { MemoryBudget } from '../state/backends/memory/memory-budget.js';
import { StateServer } from '../state/primary/state-server.js';
import { PrimaryServices } from './primary-services.js';

/**
 * The services that every primary has: the shared state in its memory, and the bus.
 *
 * @param maxQueueBytes of what is on its way to one worker
 * @param budget for all that is held for workers
 * @internal
 */
export function createServices(maxQueueBytes: number, budget: MemoryBudget): PrimaryServices {
  const bus = new BusBroker(maxQueueBytes, budget);
  const state = new StateServer((...event) => bus.append(...event), budget);
  return new PrimaryServices([state, bus]);
}
