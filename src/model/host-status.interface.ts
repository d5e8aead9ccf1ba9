/**
 * Where a worker stands. `standby` is a spare that has booted and waits for a place; `exited` is also a
 * slot that waits for its next worker.
 *
 * @publicApi
 */
export type WorkerState = 'booting' | 'standby' | 'ready' | 'draining' | 'exited';

/**
 * Why a worker drains: the host stops (`stop`), another one has taken its place in a reload (`reload`) or
 * because of its memory, requests or age (`recycle`), there are to be fewer (`scale`), it alone was told
 * to go by a signal (`signal`), the application closed itself (`close`), or the primary is gone
 * (`orphaned`).
 *
 * @publicApi
 */
export type DrainCause = 'stop' | 'reload' | 'recycle' | 'scale' | 'signal' | 'close' | 'orphaned';

/**
 * How a worker ended.
 *
 * - `left`: drained and went
 * - `crashed`: was ready, and ended without having been told to
 * - `boot-failed`: ended before it was ready
 * - `boot-timeout`: was not ready in time, and was killed
 * - `drain-timeout`: did not leave in time, and was killed
 * - `hung`: its event loop was blocked for longer than `heartbeat.timeout`, and it was killed
 * - `killed`: was ended at once, by a second signal, or because what it was forked for has failed
 *
 * @publicApi
 */
export type WorkerExitReason =
  'left' | 'crashed' | 'boot-failed' | 'boot-timeout' | 'drain-timeout' | 'hung' | 'killed';

/** Milliseconds that each phase of a drain took. @publicApi */
export interface DrainPhases {
  /** Until nothing that the primary had handed over was left unread. */
  readonly handover: number;
  /** Until the last connection had been answered and was closed. */
  readonly connections: number;
  /** Nest's shutdown hooks. */
  readonly hooks: number;
}

/** What a spare has for a slot. @internal */
export const NO_SLOT = -1;

/** Where a server listens. @publicApi */
export interface ListeningAddress {
  /** The interface's address, or the path of a Unix socket; `null` for every interface. */
  readonly address: string | null;
  /** The port; `null` for a Unix socket. */
  readonly port: number | null;
}

/** Who a worker is. @publicApi */
export interface WorkerIdentity {
  /** The worker's place, 0…N-1, stable over replacements; -1 for a spare. 0 in single mode. */
  readonly slot: number;
  /** Counts reloads. 0 in single mode. */
  readonly generation: number;
  /** Node's id of the worker, unique on this host while the primary lives. 0 in single mode. */
  readonly id: number;
  /** Its process id. */
  readonly pid: number;
}

/** How a worker ended, and when. @publicApi */
export interface WorkerExit {
  /** Its exit code; `null` if a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null;
  /** Whether it left, crashed or was killed. */
  readonly reason: WorkerExitReason;
  /** What it said on its standard error, in a line of at most 500 characters, if it failed and said something. */
  readonly error?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** How a worker was doing at its last heartbeat. @publicApi */
export interface WorkerVitals {
  /** Bytes of memory that the process has in use (resident set size). */
  readonly memory: number;
  /** HTTP requests since it was forked. */
  readonly requests: number;
  /** Milliseconds by which its event loop was late at most, in the last heartbeat's interval. */
  readonly eventLoopDelay: number;
  /** Milliseconds by which it was late in the last 5 to 10 seconds, with one in 100 timers being later. */
  readonly eventLoopDelayP99: number;
  /** How much of the last 5 to 10 seconds it was at work, 0 to 1. */
  readonly eventLoopUtilization: number;
  /** How its bus is doing, once that is in use. */
  readonly bus?: BusVitals;
}

/** How the bus of a worker is doing. @publicApi */
export interface BusVitals {
  /** How often its subscriptions have missed something since it was forked. */
  readonly gaps: number;
  /** How many events that were; of a gap of which nobody can tell, one. */
  readonly missed: number;
  /** Those of them in the last minute. */
  readonly missedLately: number;
  /** Events that wait for their handlers. */
  readonly queued: number;
  /** How full the fullest queue of a subscription is, 0 to 1 (`bus.maxQueueBytes`). */
  readonly fullness: number;
  /** Events that wait for the backend to take them. */
  readonly unsent: number;
}

/** One worker of this host. @publicApi */
export interface WorkerStatus extends WorkerIdentity {
  /** Where it is between boot and exit. */
  readonly state: WorkerState;
  /** Whether it takes work: it is ready, and does not hang. */
  readonly serves: boolean;
  /** Milliseconds since it was forked, or 0 if it has exited. */
  readonly uptime: number;
  /** How often this slot has got another worker because one had ended, or left on its own. */
  readonly restarts: number;
  /** How the slot's last worker ended, if one has. */
  readonly lastExit?: WorkerExit;
  /** Whether it takes no new connections for now, because it cannot keep up (`overload.maxDelay`). */
  readonly isOverloaded?: boolean;
  /** Whether it may be waiting for its output to be read: whoever reads the host's does not keep up. */
  readonly isOutputPaused?: boolean;
  /** How it was doing at its last heartbeat, if there has been one. */
  readonly vitals?: WorkerVitals;
  /** Milliseconds that its next heartbeat is overdue: for about so long, its event loop has been blocked. */
  readonly heartbeatOverdue?: number;
}

/** Memory of the primary for the shared state, in bytes, as estimated (`state.maxMemory`). @publicApi */
export interface StateMemory {
  /** What it holds for its workers. */
  readonly used: number;
  /** How much that may be. */
  readonly limit: number;
}

/** The workers of this host, as its primary sees them. @publicApi */
export interface HostStatus {
  /** The primary's process id; in single mode the one process's. */
  readonly pid: number;
  /** Milliseconds since the primary started to supervise. */
  readonly uptime: number;
  /** `stopping` from the first moment of a stop: take the host out of the balancer. */
  readonly state: 'running' | 'stopping';
  /** The newest generation: the one that a reload brings, if one is under way. */
  readonly generation: number;
  /** How many workers there should be. */
  readonly wanted: number;
  /** How many serve; for a moment in a reload, more than are wanted. */
  readonly ready: number;
  /** Whether as many as are wanted have been ready at the same time, once. */
  readonly hasStarted: boolean;
  /** Bytes of the workers' output that were discarded, because nobody read them. 0 in single mode. */
  readonly discardedOutput: number;
  /** Memory of the primary that the shared state uses. */
  readonly stateMemory: StateMemory;
  /** How many workers have been replaced in the last minute because one had ended, or left on its own. */
  readonly recentRestarts: number;
  /**
   * One for each slot, and one more for each worker that still drains in a slot with a newer one, or that boots
   * to take a slot over.
   */
  readonly workers: readonly WorkerStatus[];
  /** Those that stand by, or boot to. */
  readonly spares: readonly WorkerStatus[];
}

/** What a reload has come to. @publicApi */
export interface ReloadResult {
  /** The generation of every worker now. */
  readonly generation: number;
  /** Milliseconds from the first fork until the last replacement was ready. */
  readonly duration: number;
}
