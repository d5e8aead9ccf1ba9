import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  HostStatus,
  WorkerState,
  WorkerStatus,
} from '../../../src/model/host-status.interface.js';
import type { ReloadProgress } from '../../../src/model/reload-progress.interface.js';
import type { WorkerFacts } from '../../../src/model/worker-facts.interface.js';
import type {
  ConnectionsSection,
  Overview,
  OverviewUpdate,
  TopicsSection,
} from '../../../src/overview/overview.interface.js';
import type { OverviewToWorker, WorkerReport } from '../../../src/overview/overview.protocol.js';
import { OverviewService } from '../../../src/overview/primary/overview-service.js';
import type { OverviewClient } from '../../../src/overview/primary/overview-service.interface.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';

const CONNECTIONS = { open: 3, idle: 1, inFlight: 2, webSockets: 0, messages: 0 };

/** A worker with a dashboard: it answers every question, unless it is blocked. */
class Worker implements OverviewClient {
  state: WorkerState = 'ready';
  isBlocked = false;
  heartbeatAt: number | undefined;
  /** Topics and counters of the next report. */
  topics: NonNullable<WorkerReport['topics']> = { added: [], counts: [] };
  caches: WorkerReport['caches'] = [];
  topicReports = 0;
  /** The questions that it has not read. */
  unread: { readonly round: number; readonly topics: boolean }[] = [];
  updates: OverviewUpdate[] = [];
  status: WorkerStatus;

  constructor(readonly slot: number) {
    const id = slot + 1;
    this.status = {
      slot,
      generation: 0,
      id,
      pid: 100 + id,
      state: 'ready',
      serves: true,
      uptime: 0,
      restarts: 0,
    };
  }

  get id(): number {
    return this.status.id;
  }

  beat(requests: number): void {
    this.heartbeatAt = clock.now();
    const vitals = { memory: 1e8, requests, eventLoopDelay: 3, eventLoopDelayP99: 2 };
    this.status = { ...this.status, vitals: { ...vitals, eventLoopUtilization: 0.25 } };
  }

  announce(): Promise<void> {
    service.onMessage(this, { type: 'overviewUsed', worker: this.id });
    return settle();
  }

  watch(isWatched = true): Promise<void> {
    service.onMessage(this, { type: 'overviewWatch', isWatched });
    return settle();
  }

  send(message: OverviewToWorker): Promise<void> {
    if (message.type === 'overviewUpdate') {
      this.updates.push(message.update);
      return this.isBlocked ? new Promise(() => {}) : Promise.resolve();
    }
    this.unread.push(message);
    if (!this.isBlocked) {
      this.read();
    }
    return Promise.resolve();
  }

  read(): void {
    for (const { round, topics: isAsked } of this.unread.splice(0)) {
      const { topics, caches } = this;
      const clients = [`client-${this.slot}`];
      const report = { at: clock.now(), connections: CONNECTIONS, caches, clients };
      if (isAsked) {
        this.topics = { added: [], counts: [] };
        this.topicReports++;
      }
      service.onMessage(this, {
        type: 'overviewReport',
        round,
        report: { ...report, ...(isAsked && { topics }) },
      });
    }
  }

  ask(name: 'overview'): Promise<Overview>;
  ask(name: 'overviewTopics'): Promise<TopicsSection>;
  ask(name: 'overviewConnections'): Promise<ConnectionsSection>;
  ask(name: 'overviewState'): Promise<unknown>;
  ask(name: never): Promise<unknown> {
    return new Promise((answer, fail) => {
      service.onQuestion(this, { name, params: null, answer }).catch(fail);
    });
  }
}

let clock: FakeClock;
let workers: Worker[];
let facts: Map<number, WorkerFacts>;
let reload: ReloadProgress | undefined;
let service: OverviewService;

function status(): HostStatus {
  return {
    pid: 1,
    uptime: 0,
    state: 'running',
    generation: 0,
    wanted: 2,
    ready: 2,
    hasStarted: true,
    discardedOutput: 0,
    recentRestarts: 0,
    spares: [],
    stateMemory: { used: 0, limit: 1 },
    workers: workers.map(worker => worker.status),
  };
}

const mark = (worker: Worker) => ({
  slot: worker.slot,
  generation: 0,
  id: worker.id,
  pid: worker.status.pid,
  at: clock.wallTime(),
});

// It is loaded on first use.
beforeAll(() => import('../../../src/overview/primary/overview-board.js'));

beforeEach(() => {
  clock = new FakeClock();
  workers = [new Worker(0), new Worker(1)];
  facts = new Map();
  reload = undefined;
  service = new OverviewService({
    clock,
    reload: () => reload,
    factsOf: id =>
      facts.get(id) ?? { heartbeatAt: workers.find(each => each.id === id)?.heartbeatAt },
  });
  service.onStart({ status, redelivered: () => 0 });
});

describe('the overview of a host without a dashboard', () => {
  it('remembers events, and has no timer', () => {
    service.onEvent({ type: 'workerReady', bootTime: 5, ...mark(workers[0]!) });
    expect(clock.pending).toBe(0);
  });
});

describe('the history', () => {
  it('has a sample of each slot every two seconds, from the first dashboard on', async () => {
    const [one] = workers;
    one!.beat(0);
    await one!.announce();
    await clock.advance(1_000);
    one!.beat(50);
    await clock.advance(1_000);
    const { history } = await one!.ask('overview');
    expect(history.map(({ slots }) => slots)).toEqual([
      [
        [1e8, 2, 0.25, null],
        [null, null, null, null],
      ],
      [
        [1e8, 2, 0.25, 50],
        [null, null, null, null],
      ],
    ]);
  });

  it('keeps a rate until the next heartbeat, and never shows the values of a late one', async () => {
    const [one] = workers;
    one!.beat(0);
    await one!.announce();
    await clock.advance(2_000);
    one!.beat(100);
    await clock.advance(4_000);
    const rates = async () => (await one!.ask('overview')).history.map(({ slots }) => slots[0]![3]);
    expect(await rates()).toEqual([null, null, 50, 50]);
    one!.status = { ...one!.status, heartbeatOverdue: 250 };
    await clock.advance(2_000);
    const { sample, workers: shown } = await one!.ask('overview');
    expect(sample.slots[0]).toEqual([null, null, null, null]);
    expect(shown[0]!.requestRate).toBeNull();
  });

  it('ends with the oldest sample of 15 minutes', async () => {
    const [one] = workers;
    await one!.announce();
    const begin = clock.wallTime();
    await clock.advance(2_000 * 451);
    const { history } = await one!.ask('overview');
    expect([history.length, history[0]!.at, history.at(-1)!.at]).toEqual([
      450,
      begin + 4_000,
      begin + 902_000,
    ]);
  });

  it('is unknown for a slot whose worker has exited', async () => {
    const [one, two] = workers;
    one!.beat(0);
    two!.beat(0);
    await one!.announce();
    two!.status = { ...two!.status, state: 'exited', serves: false };
    await clock.advance(2_000);
    const { sample } = await one!.ask('overview');
    expect(sample.slots).toEqual([
      [1e8, 2, 0.25, null],
      [null, null, null, null],
    ]);
  });
});

describe('the timeline', () => {
  it('has the last 200 events in their order, and what a failed worker wrote', async () => {
    const [one] = workers;
    for (let count = 0; count < 210; count++) {
      service.onEvent({ type: 'workerOnline', ...mark(one!) });
    }
    facts.set(one!.id, { error: 'Error: no database', output: 'at main.js\nError: no database' });
    const exit = { code: 1, signal: null, uptime: 5, ...mark(one!) };
    service.onEvent({ type: 'workerExited', reason: 'crashed', ...exit });
    service.onEvent({ type: 'workerExited', reason: 'left', ...exit });
    const { events } = await one!.ask('overview');
    expect([events.length, events[0]!.sequence]).toEqual([200, 13]);
    expect(events.at(-2)).toMatchObject({
      sequence: 211,
      error: 'Error: no database',
      lastOutput: 'at main.js\nError: no database',
    });
    expect(events.at(-1)).not.toHaveProperty('error');
  });

  it('keeps the output of the last 20 failures', async () => {
    const [one] = workers;
    facts.set(one!.id, { error: 'Error', output: 'x'.repeat(8_192) });
    const exit = { code: 1, signal: null, uptime: 5, ...mark(one!) };
    for (let count = 0; count < 25; count++) {
      service.onEvent({ type: 'workerExited', reason: 'crashed', ...exit });
    }
    const { events } = await one!.ask('overview');
    expect(events.filter(({ lastOutput }) => lastOutput).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 20 }, (_, place) => 6 + place),
    );
    expect(events.every(({ error }) => error === 'Error')).toBe(true);
  });

  it('brings a watching worker each event once, also those between its overview and its first update', async () => {
    const [one] = workers;
    await one!.announce();
    service.onEvent({ type: 'workerOnline', ...mark(one!) });
    await one!.ask('overview');
    service.onEvent({ type: 'workerReady', bootTime: 1, ...mark(one!) });
    await one!.watch();
    service.onEvent({ type: 'workerDraining', cause: 'reload', ...mark(one!) });
    await clock.advance(4_000);
    expect(one!.updates.map(({ events }) => events.map(({ event }) => event.type))).toEqual([
      ['workerReady'],
      ['workerDraining'],
      [],
    ]);
  });
});

describe('the updates', () => {
  beforeEach(async () => {
    for (const worker of workers) {
      worker.beat(0);
      await worker.announce();
    }
  });

  it('come every two seconds, to the workers that watch', async () => {
    const [one, two] = workers;
    await one!.watch();
    reload = { generation: 1, startedAt: 5, phase: 'soak', replaced: 0, wanted: 2 };
    await clock.advance(4_000);
    expect([one!.updates.length, two!.updates.length]).toEqual([3, 0]);
    expect(one!.updates.at(-1)).toMatchObject({
      host: { generation: 0, wanted: 2 },
      reload: { phase: 'soak' },
      workers: [{ inFlight: 2 }, { inFlight: 2 }],
    });
    await one!.watch(false);
    await clock.advance(4_000);
    expect(one!.updates.length).toBe(3);
    expect((await one!.ask('overview')).workers[0]!.inFlight).toBeNull();
  });

  it('do not wait for a blocked worker: its values are unknown, and it is asked once', async () => {
    const [one, two] = workers;
    await one!.watch();
    two!.isBlocked = true;
    await clock.advance(2_000);
    expect(one!.updates.length).toBe(1);
    await clock.advance(1_000);
    expect(one!.updates.at(-1)!.workers.map(({ inFlight }) => inFlight)).toEqual([2, null]);
    await clock.advance(4_000);
    expect(one!.updates.length).toBe(4);
    expect(two!.unread.length).toBe(1);
    expect((await one!.ask('overviewTopics')).silent).toEqual([1]);
    expect((await one!.ask('overviewConnections')).workers).toMatchObject([
      { slot: 0, pid: 101, open: 3, idle: 1, inFlight: 2, webSockets: 0, messages: 0 },
      { slot: 1, pid: 102, open: null, idle: null, inFlight: null, webSockets: null },
    ]);
    two!.isBlocked = false;
    two!.read();
    await clock.advance(2_000);
    expect(one!.updates.at(-1)!.workers.map(({ inFlight }) => inFlight)).toEqual([2, 2]);
    expect((await one!.ask('overviewTopics')).silent).toEqual([]);
  });

  it('do not pile up in front of a watching worker that is blocked', async () => {
    const [one, two] = workers;
    await one!.watch();
    await two!.watch();
    two!.isBlocked = true;
    await clock.advance(20_000);
    expect(two!.updates.length).toBeLessThanOrEqual(2);
    expect(one!.updates.length).toBeGreaterThan(9);
  });

  it('forget a worker that has exited', async () => {
    const [one, two] = workers;
    await one!.watch();
    await two!.watch();
    two!.isBlocked = true;
    service.onExited(two!);
    await clock.advance(2_000);
    expect([one!.updates.length, two!.updates.length]).toEqual([2, 0]);
    service.onExited(one!);
    await clock.advance(2_000);
    expect(one!.updates.length).toBe(2);
  });
});

describe('the connections', () => {
  it('tell for how long a worker drains', async () => {
    const [one, two] = workers;
    service.onEvent({ type: 'workerDraining', cause: 'reload', ...mark(two!) });
    two!.status = { ...two!.status, state: 'draining' };
    await clock.advance(1_500);
    expect((await one!.ask('overviewConnections')).workers).toMatchObject([
      { state: 'ready' },
      { state: 'draining', drainingFor: 1_500 },
    ]);
  });
});

describe('the topics', () => {
  it('are added up, with the rates of what has changed', async () => {
    const [one, two] = workers;
    one!.topics = { added: ['b', 'a'], counts: [0, 0, 10, 4, 1, 2, 1, 3, 1, 1, 0, 0, 1, 0, 0, 0] };
    two!.topics = { added: ['b'], counts: [0, 0, 0, 8, 2, 0, 0, 0] };
    await one!.announce();
    await two!.announce();
    await one!.watch();
    await one!.ask('overviewTopics');
    await clock.advance(2_000);
    const sums = { subscriptions: 3, queued: 2, gaps: 1, missed: 3 };
    expect(await one!.ask('overviewTopics')).toEqual({
      topics: [
        {
          topic: 'a',
          durable: true,
          published: null,
          received: null,
          subscriptions: 1,
          queued: 0,
          gaps: 0,
          missed: 0,
        },
        { topic: 'b', durable: false, published: null, received: null, ...sums },
      ],
      silent: [],
    });
    two!.topics = { added: [], counts: [0, 0, 100, 9, 2, 0, 0, 0] };
    await clock.advance(2_000);
    expect((await one!.ask('overviewTopics')).topics).toMatchObject([
      { topic: 'a', published: 0, received: 0 },
      { topic: 'b', published: 50, received: 0.5, ...sums },
    ]);
  });

  it('are reported only while somebody looks at them, and then with a rate of that time', async () => {
    const [one] = workers;
    one!.topics = { added: ['a'], counts: [0, 0, 5, 0, 0, 0, 0, 0] };
    await one!.announce();
    await one!.watch();
    await clock.advance(20_000);
    expect(one!.topicReports).toBe(0);
    const published = async (): Promise<unknown> =>
      (await one!.ask('overviewTopics')).topics.map(topic => topic.published);
    expect(await published()).toEqual([]);
    await clock.advance(2_000);
    expect(await published()).toEqual([null]);
    await clock.advance(20_000);
    expect(one!.topicReports).toBe(5);
    await published();
    one!.topics = { added: [], counts: [0, 0, 100_000, 0, 0, 0, 0, 0] };
    await clock.advance(2_000);
    expect(await published()).toEqual([null]);
    one!.topics = { added: [], counts: [0, 0, 100_020, 0, 0, 0, 0, 0] };
    await clock.advance(2_000);
    expect(await published()).toEqual([10]);
  });
});

describe('the facts about the shared state', () => {
  it('have the owners of the host, and the reads of its caches', async () => {
    const [one, two] = workers;
    one!.caches = [['users', 3, 1]];
    two!.caches = [
      ['users', 1, 1],
      ['rates', 0, 2],
    ];
    await one!.announce();
    await two!.announce();
    await one!.watch();
    expect(await one!.ask('overviewState')).toEqual({
      owners: [
        ['client-0', 0, 101],
        ['client-1', 1, 102],
      ],
      caches: [
        ['users', 4, 2],
        ['rates', 0, 2],
      ],
    });
  });
});
