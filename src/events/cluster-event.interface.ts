import type {
  DrainCause,
  DrainPhases,
  ListeningAddress,
  WorkerExitReason,
} from './worker-facts.js';

/** Which worker an event is about, and when it happened. @publicApi */
export interface WorkerEvent {
  /** The worker's place, 0…N-1. A replacement has its predecessor's. */
  readonly slot: number;
  /** The generation it was forked in; reloads count it up. */
  readonly generation: number;
  /** Node's id of the worker: grows with every fork of this primary. */
  readonly id: number;
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

/** A server of the worker listens; once for each address. @publicApi */
export interface WorkerListeningEvent extends WorkerEvent {
  readonly type: 'workerListening';
  readonly address: ListeningAddress;
}

/** The application listens or, where it has no server, has bootstrapped. @publicApi */
export interface WorkerReadyEvent extends WorkerEvent {
  readonly type: 'workerReady';
  /** Milliseconds from fork to ready. */
  readonly bootTime: number;
}

/** The worker takes no new work and finishes what is in flight. @publicApi */
export interface WorkerDrainingEvent extends WorkerEvent {
  readonly type: 'workerDraining';
  readonly cause: DrainCause;
}

/** The channel between worker and primary closed. May be missing for a killed worker. @publicApi */
export interface WorkerDisconnectedEvent extends WorkerEvent {
  readonly type: 'workerDisconnected';
}

/** The process is gone. @publicApi */
export interface WorkerExitedEvent extends WorkerEvent {
  readonly type: 'workerExited';
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly reason: WorkerExitReason;
  /** Milliseconds from fork to exit. */
  readonly uptime: number;
  /** How long each phase of its drain took, if it drained. */
  readonly phases?: DrainPhases;
}

/**
 * What happens to the workers of this host, in the order in which the primary sees it.
 *
 * @publicApi
 */
export type ClusterEvent =
  | WorkerForkedEvent
  | WorkerOnlineEvent
  | WorkerListeningEvent
  | WorkerReadyEvent
  | WorkerDrainingEvent
  | WorkerDisconnectedEvent
  | WorkerExitedEvent;

/** What an event says beyond which worker and when. @internal */
export type ClusterEventDetails = {
  [Event in ClusterEvent as Event['type']]: Omit<Event, keyof WorkerEvent>;
}[ClusterEvent['type']];

/** @publicApi */
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
  'workerListening',
  'workerReady',
  'workerDraining',
  'workerDisconnected',
  'workerExited',
] as const satisfies readonly ClusterEventType[];
