import type { EventEmitter } from 'node:events';
import type { WorkerIdentity } from '../model/host-status.interface.js';
import type { PausableServerSet } from '../drain/http/pausable-server-set.js';
import type { HttpConnections } from '../drain/http/http-connections.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import type { ApplicationServers } from './application-servers.js';
import type { Host } from './host.interface.js';
import type { Lifecycle } from './lifecycle.js';
import type { Readiness } from './readiness.js';
import type { Standby } from './standby.js';
import type { Vitals } from './vitals/vitals.js';

/** Injection token of the {@link Runtime}. @internal */
export const RUNTIME = Symbol('RUNTIME');

/**
 * The parts of the process that runs the application, in a worker and in single mode.
 *
 * @internal
 */
export interface Runtime {
  readonly mode: 'worker' | 'single';
  readonly worker: WorkerIdentity;
  readonly host: Host;
  readonly lifecycle: Lifecycle;
  readonly readiness: Readiness;
  readonly connections: HttpConnections;
  readonly pausableServers: PausableServerSet;
  readonly servers: ApplicationServers;
  readonly standby: Standby;
  readonly vitals: Vitals;
  /** Reports to the primary why the server cannot listen, if it fails to. */
  readonly watchServer: (server: EventEmitter) => void;
  /** Whether connections are drained. Not in a test run, which should not wait for them. */
  readonly drains: boolean;
  /** The signals that the runtime handles instead of Nest. */
  readonly signals: readonly NodeJS.Signals[];
  /** Called when the first application has bootstrapped, with its options. */
  onBootstrapped(options: ResolvedClusterOptions): void;
}
