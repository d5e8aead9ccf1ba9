import type { ConnectionCounts } from '../drain/http/connection-counts.interface.js';
import type { FeatureChannel } from '../ipc/host-channel.interface.js';
import type { FeatureProtocol } from '../ipc/protocol.js';
import {
  anything,
  boolean,
  integer,
  literal,
  nothing,
  number,
  text,
} from '../validation/shape/scalars.js';
import { list, object, optional, tuple } from '../validation/shape/structures.js';
import type { Shape } from '../validation/shape/shape.js';
import type {
  ConnectionsSection,
  Overview,
  OverviewUpdate,
  TopicsSection,
} from './overview.interface.js';

/**
 * The counters of a topic in one worker, one after the other: its number, whether it is durable (0 or 1), events that were
 * published and received since the worker began, subscriptions, queued events, gaps, and missed events.
 *
 * @internal
 */
export const TOPIC_COLUMNS = 8;

/** @internal */
export interface TopicsReport {
  /** Topics that were not reported before. They are numbered from 0 in this order. */
  readonly added: readonly string[];
  /** The counters of the topics that have changed: `TOPIC_COLUMNS` numbers for each. */
  readonly counts: readonly number[];
}

/** Reads of a cache in one worker since it began. @internal */
export type CacheReport = readonly [cache: string, hits: number, misses: number];

/** What a worker tells about itself. @internal */
export interface WorkerReport {
  /** Milliseconds of its monotonic clock. */
  readonly at: number;
  readonly connections: ConnectionCounts;
  /** Missing if they were not asked for. */
  readonly topics?: TopicsReport;
  readonly caches: readonly CacheReport[];
  /** Its clients of the shared state: owners of locks begin with their names. */
  readonly clients: readonly string[];
}

/** @internal */
export type OverviewToPrimary =
  /** The worker has the dashboard. From the first such message on, the primary keeps a history. */
  | { readonly type: 'overviewUsed'; readonly worker: number }
  /** Whether somebody looks at the dashboard of this worker. */
  | { readonly type: 'overviewWatch'; readonly isWatched: boolean }
  | { readonly type: 'overviewReport'; readonly round: number; readonly report: WorkerReport }
  /** In single mode: the application has closed. */
  | { readonly type: 'overviewClosed' };

/** @internal */
export type OverviewToWorker =
  /** Asks for a report, also on the topics if somebody looks at them: there may be thousands. */
  | { readonly type: 'overviewAsk'; readonly round: number; readonly topics: boolean }
  | { readonly type: 'overviewUpdate'; readonly update: OverviewUpdate };

/** The worker that has a client of the shared state. @internal */
export type StateClientOwner = readonly [client: string, slot: number, pid: number];

/** What the primary knows that completes the shared state. @internal */
export interface StateFacts {
  readonly owners: readonly StateClientOwner[];
  /** Reads of each cache by all workers of the host. */
  readonly caches: readonly CacheReport[];
}

/** @internal */
export interface OverviewQuestions {
  readonly overview: { readonly params: null; readonly answer: Overview };
  readonly overviewTopics: { readonly params: null; readonly answer: TopicsSection };
  readonly overviewConnections: { readonly params: null; readonly answer: ConnectionsSection };
  readonly overviewState: { readonly params: null; readonly answer: StateFacts };
}

/** @internal */
export type OverviewProtocol = FeatureProtocol<
  OverviewToPrimary,
  OverviewToWorker,
  OverviewQuestions
>;

/** @internal */
export type OverviewChannel = FeatureChannel<OverviewToPrimary, OverviewQuestions>;

const count = integer({ min: 0 });

const name = text({ maxLength: 2_048 });

const countsShape: Shape<readonly number[]> = value =>
  Array.isArray(value) && value.length % TOPIC_COLUMNS === 0
    ? list(count)(value)
    : { path: [], expected: `${TOPIC_COLUMNS} numbers for each topic`, received: value };

const cache = tuple<CacheReport>(name, count, count);

const report = object<WorkerReport>({
  at: number({ min: 0 }),
  connections: object<ConnectionCounts>({
    open: count,
    idle: count,
    inFlight: count,
    webSockets: count,
    messages: count,
  }),
  topics: optional(object<TopicsReport>({ added: list(name), counts: countsShape })),
  caches: list(cache),
  clients: list(name),
});

type ToPrimaryOf<Type extends OverviewToPrimary['type']> = Extract<
  OverviewToPrimary,
  { readonly type: Type }
>;

/** What is shown as it is: nothing in this package reads it. */
const shown = anything as Shape<never>;

/** @internal */
export const overviewProtocol: OverviewProtocol = {
  toPrimary: {
    overviewUsed: object<ToPrimaryOf<'overviewUsed'>>({
      type: literal('overviewUsed'),
      worker: count,
    }),
    overviewWatch: object<ToPrimaryOf<'overviewWatch'>>({
      type: literal('overviewWatch'),
      isWatched: boolean,
    }),
    overviewReport: object<ToPrimaryOf<'overviewReport'>>({
      type: literal('overviewReport'),
      round: count,
      report,
    }),
    overviewClosed: object<ToPrimaryOf<'overviewClosed'>>({ type: literal('overviewClosed') }),
  },
  toWorker: {
    overviewAsk: object<{ type: 'overviewAsk'; round: number; topics: boolean }>({
      type: literal('overviewAsk'),
      round: count,
      topics: boolean,
    }),
    overviewUpdate: object<{ type: 'overviewUpdate'; update: OverviewUpdate }>({
      type: literal('overviewUpdate'),
      update: shown,
    }),
  },
  questions: {
    overview: { params: nothing, answer: shown },
    overviewTopics: {
      params: nothing,
      answer: object<TopicsSection>({ topics: list(shown), silent: list(count) }),
    },
    overviewConnections: {
      params: nothing,
      answer: object<ConnectionsSection>({ workers: list(shown) }),
    },
    overviewState: {
      params: nothing,
      answer: object<StateFacts>({
        owners: list(tuple<StateClientOwner>(name, integer({ min: -1 }), count)),
        caches: list(cache),
      }),
    },
  },
};
