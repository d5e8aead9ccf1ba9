import type {
  DrainCause,
  DrainPhases,
  ListeningAddress,
  UnfinishedWork,
  WorkerExitReason,
} from '../host-status.interface.js';

/** The worker of an event, and the time of the event. @publicApi */
export interface WorkerEvent {
  /** The slot of the worker, 0 to N−1. A replacement has the slot of its predecessor; a spare has none yet: −1. */
  readonly slot: number;
  /** The generation in which it was forked; each reload increments it. */
  readonly generation: number;
  /** Node's id of the worker; it increases with every fork of this primary. */
  readonly id: number;
  /** The process id of the worker. */
  readonly pid: number;
  /** The time of the event in ms since the epoch. */
  readonly at: number;
}

/** A worker process was started. @publicApi */
export interface WorkerForkedEvent extends WorkerEvent {
  readonly type: 'workerForked';
}

/** Node runs in the new process; the application has not been loaded yet. @publicApi */
export interface WorkerOnlineEvent extends WorkerEvent {
  readonly type: 'workerOnline';
}

/** A spare has booted, and waits for a slot. @publicApi */
export interface WorkerStandbyEvent extends WorkerEvent {
  readonly type: 'workerStandby';
  /** Milliseconds from fork to standby. */
  readonly bootTime: number;
}

/** A server of the worker listens. Published once for each address. @publicApi */
export interface WorkerListeningEvent extends WorkerEvent {
  readonly type: 'workerListening';
  /** The address on which it listens. */
  readonly address: ListeningAddress;
}

/** The worker is ready: the application listens or, without a server, has bootstrapped. @publicApi */
export interface WorkerReadyEvent extends WorkerEvent {
  readonly type: 'workerReady';
  /** Milliseconds from the fork to readiness; for a spare, from its promotion. */
  readonly bootTime: number;
}

/** The worker accepts no more connections, and finishes its in-flight requests. @publicApi */
export interface WorkerDrainingEvent extends WorkerEvent {
  readonly type: 'workerDraining';
  /** Why it drains. */
  readonly cause: DrainCause;
}

/** The channel between worker and primary has closed. May be missing for a killed worker. @publicApi */
export interface WorkerDisconnectedEvent extends WorkerEvent {
  readonly type: 'workerDisconnected';
}

/** The worker process has exited. @publicApi */
export interface WorkerExitedEvent extends WorkerEvent {
  readonly type: 'workerExited';
  /** Its exit code; `null` if a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null;
  /** How it ended. */
  readonly reason: WorkerExitReason;
  /** Milliseconds from fork to exit. */
  readonly uptime: number;
  /** For a worker that was killed because it did not become ready or exit in time: the time in ms that it had. */
  readonly budget?: number;
  /** The duration of each phase of its drain, if it drained. */
  readonly phases?: DrainPhases;
  /** What its drain has not finished; missing if it has finished everything, or was killed. */
  readonly unfinished?: UnfinishedWork;
}

/** One of the two output streams of a process. @publicApi */
export type OutputStream = 'stdout' | 'stderr';

/**
 * The reader of the host's output is too slow, so the primary has stopped reading the worker's output. The worker
 * blocks when it writes more. Until its output is read again, it does not count as hung.
 *
 * @publicApi
 */
export interface WorkerOutputPausedEvent extends WorkerEvent {
  readonly type: 'workerOutputPaused';
  /** The stream that is not read. */
  readonly stream: OutputStream;
}

/** The output of the worker is read again. @publicApi */
export interface WorkerOutputResumedEvent extends WorkerEvent {
  readonly type: 'workerOutputResumed';
  /** The stream that is read again. */
  readonly stream: OutputStream;
  /** Milliseconds for which it was not read. */
  readonly duration: number;
}

/** The host of an event, and the time of the event. @publicApi */
export interface HostEvent {
  /** The generation of the reload. */
  readonly generation: number;
  /** The primary's process id. */
  readonly pid: number;
  /** The time of the event in ms since the epoch. */
  readonly at: number;
}

/** A reload has started. @publicApi */
export interface ReloadStartedEvent extends HostEvent {
  readonly type: 'reloadStarted';
}

/** A reload has finished, or was aborted. @publicApi */
export interface ReloadFinishedEvent extends HostEvent {
  readonly type: 'reloadFinished';
  /**
   * `done`: every worker is of the new generation. `failed`: a new worker failed, and old workers continue to serve.
   * `stopped`: the host is stopping.
   */
  readonly outcome: 'done' | 'failed' | 'stopped';
  /** Milliseconds since the reload started. */
  readonly duration: number;
  /** Why it failed, if it failed. */
  readonly error?: string;
}

/** An event in the life of a worker. @publicApi */
export type WorkerLifecycleEvent =
  | WorkerForkedEvent
  | WorkerOnlineEvent
  | WorkerStandbyEvent
  | WorkerListeningEvent
  | WorkerReadyEvent
  | WorkerDrainingEvent
  | WorkerOutputPausedEvent
  | WorkerOutputResumedEvent
  | WorkerDisconnectedEvent
  | WorkerExitedEvent;

/** An event in the life of the host. @publicApi */
export type HostLifecycleEvent = ReloadStartedEvent | ReloadFinishedEvent;

/**
 * A lifecycle event of this host. Events come in the order in which the primary sees them.
 *
 * @publicApi
 */
export type ClusterEvent = WorkerLifecycleEvent | HostLifecycleEvent;

/** The properties of an event other than the worker and the time. @internal */
export type WorkerEventDetails = {
  [Event in WorkerLifecycleEvent as Event['type']]: Omit<Event, keyof WorkerEvent>;
}[WorkerLifecycleEvent['type']];

/** The `type` of an event. @publicApi */
export type ClusterEventType = ClusterEvent['type'];

/**
 * Callbacks that run in the primary, one for each type of event. An error of a callback is logged, and has no other
 * effect.
 *
 * @publicApi
 */
export type ClusterEventCallbacks = {
  [Event in ClusterEvent as Event['type']]?: ((event: Event) => void | Promise<void>) | undefined;
};

/** @internal */
export const CLUSTER_EVENT_TYPES = [
  'workerForked',
  'workerOnline',
  'workerStandby',
  'workerListening',
  'workerReady',
  'workerDraining',
  'workerOutputPaused',
  'workerOutputResumed',
  'workerDisconnected',
  'workerExited',
  'reloadStarted',
  'reloadFinished',
] as const satisfies readonly ClusterEventType[];
