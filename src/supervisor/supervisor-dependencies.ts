import type { Logger } from '@nestjs/common';
import type { MemoryOfHost } from '../system/limits/memory-share.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import type { Clock } from '../system/time/clock.js';
import type { Exit } from '../system/process/exit.js';
import type { PrimaryServices } from '../services/primary-services.js';
import type { MemoryBudget } from '../state/backends/memory/memory-budget.js';
import type { ReadBlockedStack } from './diagnostics/read-blocked-stack.js';
import type { EventHub } from './event-hub.js';
import type { Fork } from './node-cluster/worker-process.js';
import type { OutputSinks } from './output/output-sink.js';

/** What the supervisor needs from outside. @internal */
export interface SupervisorDependencies {
  readonly options: ResolvedClusterOptions;
  readonly fork: Fork;
  readonly clock: Clock;
  readonly exit: Exit;
  readonly events: EventHub;
  readonly services: PrimaryServices;
  /** For all that is held for workers. */
  readonly budget: MemoryBudget;
  /** Where the output of the workers goes. */
  readonly outputs: OutputSinks;
  readonly logger: Pick<Logger, 'log' | 'warn' | 'error' | 'fatal'>;
  /** Under an inspector somebody steps through the code: nothing is too slow then. */
  readonly inspected: boolean;
  /** Somebody sits at the terminal, and waits: idle connections of browsers do not hold up a stop. */
  readonly interactive: boolean;
  /** Takes no further connections, within so many milliseconds, but lets workers have those that were accepted. */
  readonly closePort: (timeout: number) => Promise<void>;
  /** Told the process ids of all workers whenever they change. */
  readonly onWorkersChanged: (pids: readonly number[]) => void;
  /** What shares of the memory are shares of. */
  readonly memory: MemoryOfHost;
  readonly readBlockedStack: ReadBlockedStack;
}
