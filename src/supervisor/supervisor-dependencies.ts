import type { Logger } from '@nestjs/common';
import type { MemoryOfHost } from '../system/limits/memory-share.js';
import type { PrimaryOptions } from '../config/primary-options.js';
import type { Clock } from '../system/time/clock.js';
import type { Exit } from '../system/process/exit.js';
import type { ListeningAddress, WorkerIdentity } from '../model/host-status.interface.js';
import type { PrimaryServices } from '../services/primary-services.js';
import type { MemoryBudget } from '../state/backends/memory/memory-budget.js';
import type { ReadBlockedStack } from './diagnostics/read-blocked-stack.js';
import type { EventHub } from './event-hub.js';
import type { Fork } from './node-cluster/worker-process.js';
import type { OutputSinks } from './output/output-sink.js';
import type { OutputTap } from './output/output-tap.js';
import type { PortClaims } from './port-claims.js';

/** The dependencies of the supervisor. @internal */
export interface SupervisorDependencies {
  readonly options: PrimaryOptions;
  readonly fork: Fork;
  readonly clock: Clock;
  /** When the host was started, by the clock. */
  readonly startedAt: number;
  readonly exit: Exit;
  readonly events: EventHub;
  readonly services: PrimaryServices;
  /** The memory budget of everything that is held for workers. */
  readonly budget: MemoryBudget;
  /** The sinks for the output of the workers. */
  readonly outputs: OutputSinks;
  /** Shows the output of the workers to others. */
  readonly outputTap?: OutputTap | undefined;
  /** Logs text that a worker has written to its standard error; without it, the text is written as it is. */
  readonly logText?: ((worker: WorkerIdentity, text: string) => void) | undefined;
  readonly logger: Pick<Logger, 'log' | 'warn' | 'error' | 'fatal'>;
  /** Whether an inspector is open: somebody may step through the code, so no boot or heartbeat is late. */
  readonly inspected: boolean;
  /** Whether somebody waits at the terminal: idle connections of browsers then do not delay the stop. */
  readonly interactive: boolean;
  /** Stops accepting connections within `timeout` ms; connections that were accepted still reach the workers. */
  readonly closePort: (timeout: number) => Promise<void>;
  /** Whether workers listen on this address, on a socket of this process that gives them connections. */
  readonly takesConnections: (address: ListeningAddress) => boolean;
  readonly portClaims: Pick<PortClaims, 'claim'>;
  /** Called with the process ids of all workers whenever they change. */
  readonly onWorkersChanged: (pids: readonly number[]) => void;
  /** Called when the host begins to stop. */
  readonly onStopping?: (() => void) | undefined;
  /** The memory that `recycle.maxMemory` is a share of. */
  readonly memory: MemoryOfHost;
  readonly readBlockedStack: ReadBlockedStack;
}
