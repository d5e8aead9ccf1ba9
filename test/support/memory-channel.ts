import type { HostChannel } from '../../src/ipc/host-channel.interface.js';
import { createServices } from '../../src/services/create-services.js';
import { LocalChannel } from '../../src/single/local-channel.js';
import { IpcExecutor } from '../../src/state/backends/ipc/ipc-executor.js';
import { MemoryBudget } from '../../src/state/backends/memory/memory-budget.js';
import type { StateExecutor } from '../../src/state/state-executor.interface.js';

/** The state and the bus of a process in single mode. */
export function memoryChannel(): HostChannel {
  return new LocalChannel(createServices(Infinity, new MemoryBudget()));
}

/** A state client in this process. */
export function memoryExecutor(channel = memoryChannel()): StateExecutor {
  return new IpcExecutor(channel);
}
