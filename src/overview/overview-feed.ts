import { openBuses } from '../bus/open-buses.js';
import type { Host } from '../runtime/host.interface.js';
import type { Runtime } from '../runtime/runtime.js';
import { openStates } from '../state/open-states.js';
import type {
  ConnectionsSection,
  Overview,
  OverviewUpdate,
  StateEntryKind,
  StateSection,
  StateValue,
  TopicsSection,
} from './overview.interface.js';
import {
  type OverviewChannel,
  overviewProtocol,
  type OverviewToWorker,
} from './overview.protocol.js';
import { StateView } from './state-view.js';
import { TopicsView } from './topics-view.js';
import { WorkerReporter } from './worker-reporter.js';

/** The part of a runtime that the feed uses. @internal */
export type OverviewRuntime = Pick<
  Runtime,
  'mode' | 'worker' | 'host' | 'connections' | 'lifecycle'
>;

/** Milliseconds to wait for an answer of the primary. */
const TIMEOUT = 5_000;

const feeds = new WeakMap<Host, OverviewFeed>();

/**
 * Returns the feed of a process. The first call announces to the primary that this process has a dashboard: it then begins
 * to keep a history.
 *
 * @internal
 */
export function overviewFeedOf(runtime: OverviewRuntime): OverviewFeed {
  const found = feeds.get(runtime.host) ?? new OverviewFeed(runtime);
  feeds.set(runtime.host, found);
  return found;
}

/**
 * What the dashboard of one worker shows, from the primary.
 *
 * @internal
 */
export class OverviewFeed {
  readonly #listeners = new Set<(update: OverviewUpdate) => void>();
  readonly #channel: OverviewChannel;
  readonly #reporter: WorkerReporter;
  readonly #topics: TopicsView;
  readonly #state: StateView;

  constructor(private readonly runtime: OverviewRuntime) {
    const { host, worker, mode, lifecycle } = runtime;
    this.#reporter = new WorkerReporter(runtime);
    this.#channel = host.channel.open(overviewProtocol, message => this.#onMessage(message));
    // A process may have several applications, as tests do: the newest one is shown.
    this.#topics = new TopicsView({
      topics: () => this.#channel.ask('overviewTopics', null, TIMEOUT),
      stored: async () => (await openBuses.of(host).at(-1)?.durableTopics('*')) ?? [],
    });
    this.#state = new StateView({
      client: () => openStates.of(host).at(-1),
      facts: () => this.#channel.ask('overviewState', null, TIMEOUT),
      members: async () => (await openBuses.of(host).at(-1)?.members()) ?? [],
    });
    void this.#channel.post({ type: 'overviewUsed', worker: worker.id });
    if (mode === 'single') {
      lifecycle.beforeLeft(() => this.#close());
    }
  }

  /**
   * Calls `listener` with every update, every two seconds: from the first listener on, the workers report for it. Get the
   * `snapshot()` afterwards, so that no event is missed in between; events in both have the same sequence number.
   *
   * @returns a function that ends it
   */
  watch(listener: (update: OverviewUpdate) => void): () => void {
    // The same function may watch twice.
    const own = (update: OverviewUpdate): void => listener(update);
    this.#listeners.add(own);
    if (this.#listeners.size === 1) {
      this.#tellWatched(true);
    }
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) {
        this.#tellWatched(false);
      }
    };
  }

  /**
   * Resolves with the state of the host, its last events and its history.
   *
   * @throws PrimaryUnreachableError, PrimaryRequestError if the primary does not answer
   */
  snapshot(): Promise<Overview> {
    return this.#channel.ask('overview', null, TIMEOUT);
  }

  /**
   * Resolves with the topics of the bus, as they were at the last update, and with what is stored of them. Somebody must
   * `watch()`.
   *
   * @throws PrimaryUnreachableError, PrimaryRequestError if the primary does not answer
   */
  topics(): Promise<TopicsSection> {
    return this.#topics.section();
  }

  /**
   * Resolves with the connections of all workers, as they were at the last update. Somebody must `watch()`.
   *
   * @throws PrimaryUnreachableError, PrimaryRequestError if the primary does not answer
   */
  connections(): Promise<ConnectionsSection> {
    return this.#channel.ask('overviewConnections', null, TIMEOUT);
  }

  /**
   * Resolves with the entries of the shared state, without their values; at most 4.5 seconds old. Holders and hit rates are
   * those of the last update. Never rejects: a failure is part of the section.
   */
  state(): Promise<StateSection> {
    return this.#state.section();
  }

  /**
   * Resolves with the value of an entry.
   *
   * @throws StateUnavailableError if the backend does not answer
   */
  value(kind: StateEntryKind, key: string): Promise<StateValue> {
    return this.#state.value(kind, key);
  }

  #tellWatched(isWatched: boolean): void {
    void this.#channel.post({ type: 'overviewWatch', isWatched });
  }

  #onMessage(message: OverviewToWorker): void {
    switch (message.type) {
      case 'overviewAsk': {
        const { round, topics } = message;
        const report = this.#reporter.report(topics);
        return void this.#channel.post({ type: 'overviewReport', round, report });
      }
      case 'overviewUpdate':
        return this.#listeners.forEach(listener => listener(message.update));
    }
  }

  /** Another application may follow in this process. */
  async #close(): Promise<void> {
    feeds.delete(this.runtime.host);
    await this.#channel.post({ type: 'overviewClosed' });
    this.#channel.close();
  }
}
