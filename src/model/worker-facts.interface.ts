import type { WorkerVitals } from './host-status.interface.js';

/** What a primary knows about a worker beyond its status. @internal */
export interface WorkerFacts {
  /** When its last heartbeat came, by the clock of the supervisor. */
  readonly heartbeatAt?: number | undefined;
  /** In single mode, which has no heartbeats: the vitals at the moment. */
  readonly vitals?: WorkerVitals | undefined;
  /** The line of its standard error that names an error. */
  readonly error?: string | undefined;
  /** The end of its standard error. */
  readonly output?: string | undefined;
}
