/**
 * The state of a worker. `standby` is a spare that has booted and waits for a slot, or the canary in the first half of its
 * soak. `exited` is also the state of a slot that waits for its next worker.
 *
 * @publicApi
 */
export type WorkerState = 'booting' | 'standby' | 'ready' | 'draining' | 'exited';

/**
 * Why a worker drains.
 *
 * - `stop`: the host stops
 * - `reload`: its replacement in a reload is ready
 * - `recycle`: its replacement is ready, because it reached a limit of memory, requests or age, or a restart was
 *   requested
 * - `scale`: the number of workers was reduced
 * - `signal`: this worker alone received a signal
 * - `close`: the application closed itself
 * - `orphaned`: the primary has ended
 *
 * @publicApi
 */
export type DrainCause = 'stop' | 'reload' | 'recycle' | 'scale' | 'signal' | 'close' | 'orphaned';

/**
 * How a worker ended.
 *
 * - `left`: it drained and exited
 * - `crashed`: it was ready, and exited without having been told to
 * - `boot-failed`: it exited before it was ready
 * - `boot-timeout`: it was not ready in time, and was killed
 * - `drain-timeout`: it did not exit in time, and was killed
 * - `hung`: its event loop was blocked for longer than `heartbeat.timeout`, and it was killed
 * - `killed`: it was killed at once, by a second signal or because the command that forked it failed
 *
 * @publicApi
 */
export type WorkerExitReason =
  'left' | 'crashed' | 'boot-failed' | 'boot-timeout' | 'drain-timeout' | 'hung' | 'killed';

/** The duration of each phase of a drain, in ms. @publicApi */
export interface DrainPhases {
  /** Until all connections that the primary had handed over were read. */
  readonly handover: number;
  /** Until the last connection was answered and closed. */
  readonly connections: number;
  /** Nest's shutdown hooks. */
  readonly hooks: number;
}

/** What a worker had not finished when the connection time of its drain was over. @publicApi */
export interface UnfinishedWork {
  /** Requests without a complete response, whose connections were closed. */
  readonly requests: number;
  /** Messages of microservices. */
  readonly messages: number;
  /** Scheduled jobs, BullMQ workers with jobs in progress, and promises of `waitUntil()`. */
  readonly tasks: number;
}

/** The slot of a spare. @internal */
export const NO_SLOT = -1;

/** The address of a listening server. @publicApi */
export interface ListeningAddress {
  /** The address of the interface, or the path of a Unix socket; `null` for all interfaces. */
  readonly address: string | null;
  /** The port; `null` for a Unix socket. */
  readonly port: number | null;
}

/** Identifies a worker. @publicApi */
export interface WorkerIdentity {
  /** The slot of the worker, 0 to N−1, which its replacements keep; −1 for a spare. 0 in single mode. */
  readonly slot: number;
  /** The number of the reload that has started the worker. 0 before the first reload, and in single mode. */
  readonly generation: number;
  /** Node's id of the worker, unique during the life of the primary. 0 in single mode. */
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
  /** How it ended. */
  readonly reason: WorkerExitReason;
  /** The line of its standard error that names the error, at most 500 characters, if it failed and wrote one. */
  readonly error?: string;
  /** The time of the exit in ms since the epoch. */
  readonly at: number;
}

/** The vitals of a worker at its last heartbeat. @publicApi */
export interface WorkerVitals {
  /** The resident set size of the process, in bytes. */
  readonly memory: number;
  /** HTTP requests since the fork. */
  readonly requests: number;
  /** The maximum delay of the event loop in the last heartbeat interval, in ms. */
  readonly eventLoopDelay: number;
  /** The 99th percentile of the event loop delay in the last 5 to 10 seconds, in ms. */
  readonly eventLoopDelayP99: number;
  /** The share of the last 5 to 10 seconds in which the event loop was busy, 0 to 1. */
  readonly eventLoopUtilization: number;
  /** The vitals of its bus, if the bus is in use. */
  readonly bus?: BusVitals;
}

/** The vitals of a worker's bus. @publicApi */
export interface BusVitals {
  /** Gaps of its subscriptions since the fork. */
  readonly gaps: number;
  /** Events that were missed in these gaps; a gap of unknown size counts as one event. */
  readonly missed: number;
  /** Missed events in the last minute. */
  readonly missedLately: number;
  /** Events that wait for their handlers. */
  readonly queued: number;
  /** How full the fullest queue of a subscription is, 0 to 1 (`bus.maxQueueBytes`). */
  readonly fullness: number;
  /** Events that the backend has not accepted yet. */
  readonly unsent: number;
}

/** The status of one worker of this host. @publicApi */
export interface WorkerStatus extends WorkerIdentity {
  /** The state of the worker. */
  readonly state: WorkerState;
  /** Whether it handles requests: it is ready, and not hung. */
  readonly serves: boolean;
  /** Milliseconds since the fork; 0 if it has exited. */
  readonly uptime: number;
  /** How often this slot got another worker because its worker ended, or left on its own. */
  readonly restarts: number;
  /** How the last worker of the slot ended, if one has. */
  readonly lastExit?: WorkerExit;
  /** Whether it accepts no new connections because it is overloaded (`overload.maxDelay`). */
  readonly isOverloaded?: boolean;
  /** Whether it may be blocked because its output is not read: the reader of the host's output is too slow. */
  readonly isOutputPaused?: boolean;
  /** The vitals of its last heartbeat, if there was one. */
  readonly vitals?: WorkerVitals;
  /** Milliseconds by which its next heartbeat is overdue: its event loop has been blocked for about this time. */
  readonly heartbeatOverdue?: number;
}

/** Estimated memory of the primary for the shared state, in bytes (`state.maxMemory`). @publicApi */
export interface StateMemory {
  /** Bytes that are in use. */
  readonly used: number;
  /** Bytes that may be used. */
  readonly limit: number;
}

/** The status of this host, as its primary sees it. @publicApi */
export interface HostStatus {
  /** The process id of the primary; in single mode, of the only process. */
  readonly pid: number;
  /** Milliseconds since the primary began to supervise. */
  readonly uptime: number;
  /** `stopping` from the beginning of a stop: load balancers should then remove the host. */
  readonly state: 'running' | 'stopping';
  /** The newest generation; during a reload, the generation of that reload. */
  readonly generation: number;
  /** The wanted number of workers. */
  readonly wanted: number;
  /** The number of workers that serve. During a reload it can exceed `wanted`. */
  readonly ready: number;
  /** Whether all wanted workers have ever been ready at the same time. */
  readonly hasStarted: boolean;
  /** Bytes of the workers' output that were discarded because nobody read them. 0 in single mode. */
  readonly discardedOutput: number;
  /** Memory of the primary that the shared state uses. */
  readonly stateMemory: StateMemory;
  /** Workers that were replaced in the last minute because they ended, or left on their own. */
  readonly recentRestarts: number;
  /**
   * One entry for each slot, and one for each further worker of a slot: a worker that still drains, or a replacement
   * that boots.
   */
  readonly workers: readonly WorkerStatus[];
  /** Spares that are on standby or boot. */
  readonly spares: readonly WorkerStatus[];
}

/** The result of a reload. @publicApi */
export interface ReloadResult {
  /** The generation of every worker now. */
  readonly generation: number;
  /** Milliseconds from the first fork until the last replacement was ready. */
  readonly duration: number;
}
