import type { QuestionOf } from '../../ipc/protocol.js';
import type { WorkerStatus } from '../../model/host-status.interface.js';
import {
  type ConnectionsSection,
  type Overview,
  OVERVIEW_INTERVAL,
  type OverviewUpdate,
  type TopicsSection,
  type WorkerOverview,
} from '../overview.interface.js';
import type { OverviewQuestions, OverviewToPrimary } from '../overview.protocol.js';
import { connectionsSection } from './connections-section.js';
import { HostSamples, type SampleSources } from './host-samples.js';
import type { OverviewClient, OverviewServiceDependencies } from './overview-service.interface.js';
import { ReportRounds } from './report-rounds.js';
import { stateFacts } from './state-facts.js';
import type { Timeline } from './timeline.js';
import { topicsSection } from './topics-section.js';

/** @internal */
export interface OverviewBoardDependencies extends OverviewServiceDependencies, SampleSources {
  readonly timeline: Timeline;
}

/** A worker with an open page of the dashboard. */
interface Watcher {
  /** The sequence number of the last event that was sent to it. */
  sent: number;
  /** Whether an update is on its way. A blocked worker does not read it. */
  isBusy: boolean;
}

/** Milliseconds for which the workers report on their topics after a request for the topics. */
const TOPICS_MILLISECONDS = 10_000;

/**
 * Takes a sample every two seconds. While a worker watches, it also asks all workers for reports, and sends the updates.
 *
 * @internal
 */
export class OverviewBoard {
  readonly #rounds: ReportRounds;
  readonly #samples: HostSamples;
  readonly #watchers = new Map<OverviewClient, Watcher>();
  /** By worker: the sequence number of the last event in the overview that it got. */
  readonly #seen = new WeakMap<OverviewClient, number>();
  #cancelTick: (() => void) | undefined;
  /** The time of the clock until which the workers report on their topics, too. */
  #topicsUntil = 0;
  #topics: { readonly ended: number; readonly section: TopicsSection } | undefined;

  constructor(private readonly deps: OverviewBoardDependencies) {
    this.#rounds = new ReportRounds(deps.clock);
    this.#samples = new HostSamples(deps);
  }

  onMessage(client: OverviewClient, message: OverviewToPrimary): void {
    switch (message.type) {
      case 'overviewUsed':
        this.#rounds.add(client, message.worker);
        return this.#start();
      case 'overviewWatch':
        return message.isWatched ? this.#watch(client) : this.#unwatch(client);
      case 'overviewReport':
        return this.#rounds.take(client, message.round, message.report);
      case 'overviewClosed':
        this.onExited(client);
        return this.#stop();
    }
  }

  onQuestion(client: OverviewClient, question: QuestionOf<OverviewQuestions>): void {
    switch (question.name) {
      case 'overview':
        return question.answer(this.#overview(client));
      case 'overviewTopics':
        return question.answer(this.#topicsSection());
      case 'overviewConnections':
        return question.answer(this.#connections());
      case 'overviewState':
        return question.answer(stateFacts(this.#workers, this.#rounds));
    }
  }

  onExited(client: OverviewClient): void {
    this.#unwatch(client);
    this.#rounds.remove(client);
  }

  #start(): void {
    if (!this.#cancelTick) {
      this.#samples.take();
      this.#next();
    }
  }

  #stop(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  #next(): void {
    this.#cancelTick = this.deps.clock.after(OVERVIEW_INTERVAL, () => {
      this.#next();
      this.#samples.take();
      if (this.#watchers.size > 0) {
        this.#beginRound();
      }
    });
  }

  #watch(client: OverviewClient): void {
    const isFirst = this.#watchers.size === 0;
    if (!this.#watchers.has(client)) {
      this.#watchers.set(client, {
        sent: this.#seen.get(client) ?? this.deps.timeline.last,
        isBusy: false,
      });
    }
    if (isFirst) {
      // Nobody has reported yet.
      this.#beginRound();
    }
  }

  #unwatch(client: OverviewClient): void {
    if (this.#watchers.delete(client) && this.#watchers.size === 0) {
      this.#rounds.stop();
    }
  }

  #beginRound(): void {
    const topics = this.deps.clock.now() < this.#topicsUntil;
    this.#rounds.begin(topics, () => this.#sendUpdates());
  }

  #sendUpdates(): void {
    const common = this.#common();
    const { last } = this.deps.timeline;
    for (const [client, watcher] of this.#watchers) {
      if (!watcher.isBusy) {
        const events = this.deps.timeline.after(watcher.sent);
        watcher.sent = last;
        watcher.isBusy = true;
        const update: OverviewUpdate = { ...common, events };
        void client.send({ type: 'overviewUpdate', update }).finally(() => {
          watcher.isBusy = false;
        });
      }
    }
  }

  #overview(client: OverviewClient): Overview {
    this.#start();
    this.#seen.set(client, this.deps.timeline.last);
    return {
      ...this.#common(),
      events: this.deps.timeline.after(0),
      history: this.#samples.all,
    };
  }

  #common(): Omit<OverviewUpdate, 'events'> {
    const { workers, spares, ...host } = this.#samples.status();
    const overview = (worker: WorkerStatus): WorkerOverview => ({
      ...worker,
      requestRate: this.#samples.rateOf(worker),
      inFlight: this.#rounds.of(worker.id)?.connections?.inFlight ?? null,
    });
    return {
      at: this.deps.clock.wallTime(),
      host,
      workers: workers.map(overview),
      spares: spares.map(overview),
      sample: this.#samples.latest,
      reload: this.deps.reload() ?? null,
    };
  }

  /** The section changes only when a round has ended. */
  #topicsSection(): TopicsSection {
    this.#topicsUntil = this.deps.clock.now() + TOPICS_MILLISECONDS;
    const { ended } = this.#rounds;
    if (this.#topics?.ended !== ended) {
      this.#topics = { ended, section: topicsSection(this.#rounds) };
    }
    return this.#topics.section;
  }

  #connections(): ConnectionsSection {
    const { timeline, clock } = this.deps;
    return connectionsSection(this.#workers, this.#rounds, timeline, clock.wallTime());
  }

  get #workers(): readonly WorkerStatus[] {
    return this.deps.status().workers;
  }
}
