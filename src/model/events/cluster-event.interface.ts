import type {
  DrainCause,
  DrainPhases,
  ListeningAddress,
  WorkerExitReason,
} from '../host-status.interface.js';

/** Which worker an event is about, and when it happened. @publicApi */
export interface WorkerEvent {
  /** The worker's place, 0…N-1. A replacement has its predecessor's; a spare has none yet: -1. */
  readonly slot: number;
  /** The generation it was forked in; reloads count it up. */
  readonly generation: number;
  /** Node's id of the worker: grows with every fork of this primary. */
  readonly id: number;
  /** The process id of the worker. */
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The process was started. @publicApi */
export interface WorkerForkedEvent extends WorkerEvent {
  readonly type: 'workerForked';
}

/** Node runs in the new process; the application has not been loaded yet. @publicApi */
export interface WorkerOnlineEvent extends WorkerEvent {
  readonly type: 'workerOnline';
}

/** A spare has booted, and waits to take a worker's place. @publicApi */
export interface WorkerStandbyEvent extends WorkerEvent {
  readonly type: 'workerStandby';
  /** Milliseconds from fork to standby. */
  readonly bootTime: number;
}

/** A server of the worker listens; once for each address. @publicApi */
export interface WorkerListeningEvent extends WorkerEvent {
  readonly type: 'workerListening';
  /** Where it listens. */
  readonly address: ListeningAddress;
}

/** The application listens or, where it has no server, has bootstrapped. @publicApi */
export interface WorkerReadyEvent extends WorkerEvent {
  readonly type: 'workerReady';
  /** Milliseconds from fork to ready; of a spare, from its promotion on. */
  readonly bootTime: number;
}

/** The worker takes no new work and finishes what is in flight. @publicApi */
export interface WorkerDrainingEvent extends WorkerEvent {
  readonly type: 'workerDraining';
  /** Why it drains. */
  readonly cause: DrainCause;
}

/** The channel between worker and primary closed. May be missing for a killed worker. @publicApi */
export interface WorkerDisconnectedEvent extends WorkerEvent {
  readonly type: 'workerDisconnected';
}

/** The process is gone. @publicApi */
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
  /** Milliseconds that it had, if it was killed because it did not boot, or leave, within them. */
  readonly budget?: number;
  /** How long each phase of its drain took, if it drained. */
  readonly phases?: DrainPhases;
}

/** Which of the two streams that a process writes its output to. @publicApi */
export type OutputStream = 'stdout' | 'stderr';

/**
 * Whoever reads the host's output does not keep up: no more is read from the worker, which waits when it
 * writes more. Until its output is read again, it is not taken for hung.
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

/** Which host an event is about, and when it happened. @publicApi */
export interface HostEvent {
  /** The generation that is to come, or has come. */
  readonly generation: number;
  /** The primary's process id. */
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** All workers are being replaced. @publicApi */
export interface ReloadStartedEvent extends HostEvent {
  readonly type: 'reloadStarted';
}

/** They have been, or the reload came to another end. @publicApi */
export interface ReloadFinishedEvent extends HostEvent {
  readonly type: 'reloadFinished';
  /**
   * `done`: every worker is of the new generation. `failed`: a new worker failed, and the old ones that
   * were left serve on. `stopped`: the host stops.
   */
  readonly outcome: 'done' | 'failed' | 'stopped';
  /** Milliseconds since it started. */
  readonly duration: number;
  /** Why it failed, if it did. */
  readonly error?: string;
}

/** What happens to a worker. @publicApi */
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

/** What happens to the host. @publicApi */
export type HostLifecycleEvent = ReloadStartedEvent | ReloadFinishedEvent;

/**
 * What happens on this host, in the order in which the primary sees it.
 *
 * @publicApi
 */
export type ClusterEvent = WorkerLifecycleEvent | HostLifecycleEvent;

/** What an event says beyond which worker and when. @internal */
export type WorkerEventDetails = {
  [Event in WorkerLifecycleEvent as Event['type']]: Omit<Event, keyof WorkerEvent>;
}[WorkerLifecycleEvent['type']];

/** The `type` of an event. @publicApi */
export type ClusterEventType = ClusterEvent['type'];

/**
 * Callbacks that run in the primary, one for each type of event. One that throws or rejects is
 * logged and disturbs nothing else.
 *
 * @publicApi
 */
export type ClusterEventCallbacks = {
  [Event in ClusterEvent as Event['type']]?: (event: Event) => void | Promise<void>;
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
