/**
 * Where a worker stands. `exited` is also a slot that waits for its next worker.
 *
 * @publicApi
 */
export type WorkerState = 'booting' | 'ready' | 'draining' | 'exited';

/**
 * Why a worker drains: the host stops (`stop`), the worker alone was told to go by a signal
 * (`signal`), the application closed itself (`close`), or the primary is gone (`orphaned`).
 *
 * @publicApi
 */
export type DrainCause = 'stop' | 'signal' | 'close' | 'orphaned';

/**
 * How a worker ended.
 *
 * - `left`: drained and went
 * - `crashed`: was ready, and ended without having been told to
 * - `boot-failed`: ended before it was ready
 * - `boot-timeout`: was not ready in time, and was killed
 * - `drain-timeout`: did not leave in time, and was killed
 * - `killed`: was ended at once, by a second signal or because the primary gave up
 *
 * @publicApi
 */
export type WorkerExitReason =
  'left' | 'crashed' | 'boot-failed' | 'boot-timeout' | 'drain-timeout' | 'killed';

/** Milliseconds that each phase of a drain took. @publicApi */
export interface DrainPhases {
  /** Until nothing that the primary had handed over was left unread. */
  readonly handover: number;
  /** Until the last connection had been answered and was closed. */
  readonly connections: number;
  /** Nest's shutdown hooks. */
  readonly hooks: number;
}

/** Where a server listens. @publicApi */
export interface ListeningAddress {
  /** The interface's address, or the path of a Unix socket; `null` for every interface. */
  readonly address: string | null;
  readonly port: number | null;
}

/** Who a worker is. @publicApi */
export interface WorkerIdentity {
  /** The worker's place, 0…N-1, stable over replacements. 0 in single mode. */
  readonly slot: number;
  /** Counts reloads. 0 in single mode. */
  readonly generation: number;
  /** Node's id of the worker, unique on this host while the primary lives. 0 in single mode. */
  readonly id: number;
  readonly pid: number;
}

/** @publicApi */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly reason: WorkerExitReason;
  /** What it said on its standard error, in a line, if it failed and said something. */
  readonly error?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One worker of this host. @publicApi */
export interface WorkerStatus extends WorkerIdentity {
  readonly state: WorkerState;
  /** Milliseconds since it was forked, or 0 if it has exited. */
  readonly uptime: number;
  /** How often this slot has had its worker replaced. */
  readonly restarts: number;
  /** How the slot's last worker ended, if one has. */
  readonly lastExit?: WorkerExit;
}

/** The workers of this host, as its primary sees them. @publicApi */
export interface HostStatus {
  /** The primary's process id; in single mode the one process's. */
  readonly pid: number;
  /** Milliseconds since the primary started to supervise. */
  readonly uptime: number;
  /** `stopping` from the first moment of a stop: take the host out of the balancer. */
  readonly state: 'running' | 'stopping';
  /** The newest generation. */
  readonly generation: number;
  /** How many workers there should be. */
  readonly wanted: number;
  /** One for each slot, and one more for each worker that still drains in a slot with a newer one. */
  readonly workers: readonly WorkerStatus[];
}
