import type { QuestionOf } from '../../ipc/protocol.js';
import type { HostStatus, WorkerStatus } from '../../model/host-status.interface.js';
import {
  type ConnectionsOverview,
  type ConnectionsSection,
  type Overview,
  OVERVIEW_INTERVAL,
  type OverviewSample,
  type OverviewUpdate,
  type SlotSample,
  type TopicsSection,
  type WorkerOverview,
} from '../overview.interface.js';
import type {
  CacheReport,
  OverviewQuestions,
  OverviewToPrimary,
  StateFacts,
} from '../overview.protocol.js';
import { addTopics } from './add-topics.js';
import type { OverviewClient, OverviewServiceDependencies } from './overview-service.interface.js';
import { ReportRounds } from './report-rounds.js';
import { RequestRates } from './request-rates.js';
import { SampleRing } from './sample-ring.js';
import type { Timeline } from './timeline.js';

/** @internal */
export interface OverviewBoardDependencies extends OverviewServiceDependencies {
  readonly status: () => HostStatus;
  readonly timeline: Timeline;
}

/** A worker whose dashboard somebody looks at. */
interface Watcher {
  /** The last event that was sent to it. */
  sent: number;
  /** Whether an update is on its way: it is not read while the worker is blocked. */
  isBusy: boolean;
}

/** Milliseconds for which the workers report on their topics after somebody has looked at them. */
const TOPICS_MILLISECONDS = 10_000;

const NOTHING_KNOWN: SlotSample = [null, null, null, null];

/**
 * Keeps the samples of all slots, has the workers report while somebody looks at the dashboard, and sends the updates.
 *
 * @internal
 */
export class OverviewBoard {
  readonly #rounds: ReportRounds;
  readonly #samples = new SampleRing();
  readonly #rates = new RequestRates();
  readonly #watchers = new Map<OverviewClient, Watcher>();
  /** The last event that a worker has got with the whole overview. */
  readonly #seen = new WeakMap<OverviewClient, number>();
  #sample: OverviewSample | undefined;
  #cancelTick: (() => void) | undefined;
  /** Until when the workers report on their topics. */
  #topicsUntil = 0;
  #topics: { readonly ended: number; readonly section: TopicsSection } | undefined;

  constructor(private readonly deps: OverviewBoardDependencies) {
    this.#rounds = new ReportRounds(deps.clock);
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
        return question.answer(this.#stateFacts());
    }
  }

  onExited(client: OverviewClient): void {
    this.#unwatch(client);
    this.#rounds.remove(client);
  }

  #start(): void {
    if (!this.#cancelTick) {
      this.#takeSample();
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
      this.#takeSample();
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
    const { workers, spares, ...host } = this.#status();
    const overview = (worker: WorkerStatus): WorkerOverview => ({
      ...worker,
      requestRate: worker.heartbeatOverdue ? null : this.#rates.of(worker.id),
      inFlight: this.#rounds.of(worker.id)?.connections?.inFlight ?? null,
    });
    return {
      at: this.deps.clock.wallTime(),
      host,
      workers: workers.map(overview),
      spares: spares.map(overview),
      sample: this.#sample ?? this.#takeSample(),
      reload: this.deps.reload() ?? null,
    };
  }

  /** Returns the status of the host; in single mode with the vitals of the process. */
  #status(): HostStatus {
    const status = this.deps.status();
    const withVitals = (worker: WorkerStatus): WorkerStatus => {
      const vitals = worker.vitals ?? this.deps.factsOf(worker.id)?.vitals;
      return vitals ? { ...worker, vitals } : worker;
    };
    return { ...status, workers: status.workers.map(withVitals) };
  }

  #takeSample(): OverviewSample {
    const { wanted, workers, spares } = this.#status();
    for (const worker of workers) {
      this.#rates.note(worker, this.deps.factsOf(worker.id)?.heartbeatAt);
    }
    this.#rates.keep(new Set([...workers, ...spares].map(({ id }) => id)));
    const slots = Array.from({ length: wanted }, (_, slot) => {
      const ofSlot = workers.filter(worker => worker.slot === slot && worker.state !== 'exited');
      return this.#sampleOf(ofSlot.find(({ serves }) => serves) ?? ofSlot.at(-1));
    });
    const sample = { at: this.deps.clock.wallTime(), slots };
    this.#samples.add(sample);
    this.#sample = sample;
    return sample;
  }

  #sampleOf(worker: WorkerStatus | undefined): SlotSample {
    if (!worker?.vitals || worker.heartbeatOverdue) {
      return NOTHING_KNOWN;
    }
    const { memory, eventLoopDelayP99, eventLoopUtilization } = worker.vitals;
    return [memory, eventLoopDelayP99, eventLoopUtilization, this.#rates.of(worker.id)];
  }

  #topicsSection(): TopicsSection {
    this.#topicsUntil = this.deps.clock.now() + TOPICS_MILLISECONDS;
    const { ended, records } = this.#rounds;
    if (this.#topics?.ended !== ended) {
      const known = [...records.values()].filter(({ isKnown }) => isKnown);
      const topics = addTopics(known.map(record => record.topics));
      const silent = [...records].flatMap(([{ slot }, { isKnown }]) => (isKnown ? [] : [slot]));
      const section = {
        topics,
        silent: silent.filter(slot => slot >= 0).toSorted((a, b) => a - b),
      };
      this.#topics = { ended, section };
    }
    return this.#topics.section;
  }

  #connections(): ConnectionsSection {
    const now = this.deps.clock.wallTime();
    const workers = this.deps
      .status()
      .workers.filter(({ state }) => state !== 'exited')
      .map(({ slot, pid, id, state }): ConnectionsOverview => {
        const { open, idle, inFlight, webSockets, messages } =
          this.#rounds.of(id)?.connections ?? NO_COUNTS;
        const drainingFor = this.deps.timeline.drainingFor(id, now);
        return {
          slot,
          pid,
          state,
          ...(drainingFor !== undefined && { drainingFor }),
          open,
          idle,
          inFlight,
          webSockets,
          messages,
        };
      });
    return { workers };
  }

  #stateFacts(): StateFacts {
    const pids = new Map(this.deps.status().workers.map(({ id, pid }) => [id, pid]));
    const caches = new Map<string, CacheReport>();
    const owners = [...this.#rounds.records].flatMap(([{ slot }, record]) => {
      record.caches.forEach(([name, hits, misses]) => {
        const [, otherHits, otherMisses] = caches.get(name) ?? [name, 0, 0];
        caches.set(name, [name, hits + otherHits, misses + otherMisses]);
      });
      const pid = pids.get(record.worker) ?? 0;
      return record.clients.map(client => [client, slot, pid] as const);
    });
    return { owners, caches: [...caches.values()] };
  }
}

const NO_COUNTS = { open: null, idle: null, inFlight: null, webSockets: null, messages: null };
