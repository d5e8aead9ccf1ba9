import type { ClusterEvent } from '../model/events/cluster-event.interface.js';
import type { HostStatus, WorkerStatus } from '../model/host-status.interface.js';
import type { StateEntryKind } from '../state/inspection/state-inspection.interface.js';
import type { ReloadProgress } from '../model/reload-progress.interface.js';

/** Milliseconds between two samples, and between two updates of a watched host. @internal */
export const OVERVIEW_INTERVAL = 2_000;

/** The number of samples of each slot: 15 minutes. @internal */
export const OVERVIEW_SAMPLES = 450;

/** The number of events of the timeline. @internal */
export const OVERVIEW_EVENTS = 200;

/** A value that is not known: its worker has not reported it, or is blocked. It is shown as unknown. @internal */
export type Unknown = null;

/** A worker of the host, as the dashboard shows it. @internal */
export interface WorkerOverview extends WorkerStatus {
  /** HTTP requests per second in the last interval. */
  readonly requestRate: number | Unknown;
  /** HTTP requests that have no complete response yet. */
  readonly inFlight: number | Unknown;
}

/**
 * The values of one slot at one moment: resident memory in bytes, the 99th percentile of the event-loop delay in ms, the
 * event-loop utilization from 0 to 1, and HTTP requests per second.
 *
 * @internal
 */
export type SlotSample = readonly [
  memory: number | Unknown,
  delayP99: number | Unknown,
  utilization: number | Unknown,
  requestRate: number | Unknown,
];

/** The samples of all slots at one moment. @internal */
export interface OverviewSample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** By slot; a slot without a worker has only unknown values. */
  readonly slots: readonly SlotSample[];
}

/** An event of the timeline. @internal */
export interface TimelineEvent {
  /** Increases by 1 with every event of this primary: the true order. */
  readonly sequence: number;
  readonly event: ClusterEvent;
  /** The line of the standard error of a failed worker that names the error, and the end of its output. */
  readonly error?: string;
  readonly lastOutput?: string;
}

/** The reload in progress, or the last one. @internal */
export type ReloadOverview = ReloadProgress;

/** What every page shows. @internal */
export interface OverviewUpdate {
  /** Milliseconds since the epoch, of the primary. */
  readonly at: number;
  readonly host: Omit<HostStatus, 'workers' | 'spares'>;
  readonly workers: readonly WorkerOverview[];
  readonly spares: readonly WorkerOverview[];
  /** The newest sample. */
  readonly sample: OverviewSample;
  /** Events since the former update; in the first message all of the last `OVERVIEW_EVENTS`. */
  readonly events: readonly TimelineEvent[];
  readonly reload: ReloadOverview | null;
}

/** The first message of a page. @internal */
export interface Overview extends OverviewUpdate {
  /** The last 15 minutes, oldest first, without `sample`. */
  readonly history: readonly OverviewSample[];
}

/** A topic of the bus, added up over the workers of the host. @internal */
export interface TopicOverview {
  readonly topic: string;
  readonly durable: boolean;
  /** Events per second that workers of this host publish, and that their handlers receive. */
  readonly published: number | Unknown;
  readonly received: number | Unknown;
  readonly subscriptions: number;
  /** Events that wait for their handlers. */
  readonly queued: number;
  /** Gaps that subscribers were told about since their workers began, and the events that were missed in them. */
  readonly gaps: number;
  readonly missed: number;
  /** The number of stored events of a durable topic. */
  readonly stored?: number | Unknown;
  /** The groups of a durable topic: events that are being handled, and events that no member has read. */
  readonly groups?: readonly {
    readonly group: string;
    readonly pending: number | Unknown;
    readonly lag: number | Unknown;
  }[];
}

/** @internal */
export interface TopicsSection {
  readonly topics: readonly TopicOverview[];
  /** Slots that did not report in time: their part is missing. */
  readonly silent: readonly number[];
}

export type { StateEntryKind };

/** An entry of the shared state. Values of the users are not part of it: they are requested one by one. @internal */
export interface StateEntry {
  readonly kind: StateEntryKind;
  readonly key: string;
  /** Milliseconds until it expires; missing if it does not. */
  readonly ttl?: number;
  /** Fields, members, hits or entries. */
  readonly size?: number;
  /** Of locks, leaders and semaphores: who holds it, as `slot 2 (pid 123) of web-1` where that is known. */
  readonly holders?: readonly string[];
  /** Owners that wait for it. */
  readonly waiting?: number;
  /** Of caches of this host: the share of reads that found an entry, 0 to 1. */
  readonly hitRate?: number | Unknown;
}

/** @internal */
export interface StateSection {
  readonly backend: 'memory' | 'redis';
  /** At most 1,000, by kind and key. */
  readonly entries: readonly StateEntry[];
  /** Whether there are more. */
  readonly isTruncated: boolean;
  /** Why the backend did not answer. */
  readonly error?: string;
}

/** The value of an entry, on request. @internal */
export interface StateValue {
  readonly key: string;
  readonly kind: StateEntryKind;
  /** JSON, at most 64 kB of it. `null` if the entry is gone or the kind has no value. */
  readonly text: string | null;
  readonly isTruncated: boolean;
}

/** The connections of a worker. @internal */
export interface ConnectionsOverview {
  readonly slot: number;
  readonly pid: number;
  readonly state: WorkerStatus['state'];
  /** Milliseconds since the drain began, if it drains. */
  readonly drainingFor?: number;
  /** Open connections, connections without a request, requests without a complete response, WebSockets, messages. */
  readonly open: number | Unknown;
  readonly idle: number | Unknown;
  readonly inFlight: number | Unknown;
  readonly webSockets: number | Unknown;
  readonly messages: number | Unknown;
}

/** @internal */
export interface ConnectionsSection {
  readonly workers: readonly ConnectionsOverview[];
}
