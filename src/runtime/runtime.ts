import type { EventEmitter } from 'node:events';
import type { WorkerIdentity } from '../model/host-status.interface.js';
import type { PausableServerSet } from '../drain/http/pausable-server-set.js';
import type { HttpConnections } from '../drain/http/http-connections.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import type { ApplicationServers } from './application-servers.js';
import type { Host } from './host.interface.js';
import type { Lifecycle } from './lifecycle.js';
import type { Standby } from './standby.js';
import type { Vitals } from './vitals/vitals.js';

/** Injection token of the {@link Runtime}. @internal */
export const RUNTIME = Symbol('RUNTIME');

/**
 * What the process that runs the application is made of, in a worker and in single mode alike.
 *
 * @internal
 */
export interface Runtime {
  readonly mode: 'worker' | 'single';
  readonly worker: WorkerIdentity;
  readonly host: Host;
  readonly lifecycle: Lifecycle;
  readonly connections: HttpConnections;
  readonly pausableServers: PausableServerSet;
  readonly servers: ApplicationServers;
  readonly standby: Standby;
  readonly vitals: Vitals;
  /** Should it be unable to listen, the primary is told why. */
  readonly watchServer: (server: EventEmitter) => void;
  /** Whether connections are drained: not in a test run, where nobody wants to wait for them. */
  readonly drains: boolean;
  /** The signals that are the runtime's to handle, and not Nest's. */
  readonly signals: readonly NodeJS.Signals[];
  /** Called when the first application has bootstrapped, with its options. */
  onBootstrapped(options: ResolvedClusterOptions): void;
}
