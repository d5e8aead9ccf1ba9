import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { MemberInfo } from '../../../src/bus/membership/bus-member.interface.js';
import type { ClusterEvent } from '../../../src/model/events/cluster-event.interface.js';
import type { HostStatus } from '../../../src/model/host-status.interface.js';
import { resolveOptions } from '../../../src/config/resolve-options.js';
import { busProtocol } from '../../../src/bus/transports/ipc/bus.protocol.js';
import { createServices } from '../../../src/services/create-services.js';
import { EventHub } from '../../../src/supervisor/event-hub.js';
import { IpcExecutor } from '../../../src/state/backends/ipc/ipc-executor.js';
import { MemoryBudget } from '../../../src/state/backends/memory/memory-budget.js';
import { createSupervisor } from '../../../src/supervisor/create-supervisor.js';
import type { Supervisor } from '../../../src/supervisor/supervisor.js';
import type { Questions, ToPrimary, ToWorker } from '../../support/all-features.js';
import { PrimaryHost } from '../../../src/worker/primary-host.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';
import { FakeLink } from '../../support/fakes/fake-link.js';
import { FakeOutputs } from '../../support/fakes/fake-outputs.js';
import { FakeWorkerProcess } from '../../support/fakes/fake-worker-process.js';

const KEY = 'nestjs-cluster';

const info: MemberInfo = {
  member: 'm',
  host: 'h:1',
  slot: 0,
  generation: 0,
  id: 1,
  pid: 1,
  answers: ['question'],
  groups: [{ filter: 'topic.*', group: 'g' }],
  consumers: ['m#1'],
  patterns: ['topic.*'],
};

const vitals = {
  memory: 1,
  requests: 1,
  eventLoopDelay: 1,
  eventLoopDelayP99: 1,
  eventLoopUtilization: 0.5,
};

const batch = { partition: 0, lane: 'lane', deadline: 1e15, replicas: 0 };

const operations = [
  { name: 'set', key: 'a', value: '1', ttl: 5_000 },
  { name: 'get', key: 'a' },
  { name: 'increment', key: 'n', runs: [[1, 2]], min: 0, max: 10 },
  { name: 'mapSet', key: 'map', field: 'f', value: '1' },
  { name: 'scoreTop', key: 'board', count: 3 },
  { name: 'lockAcquire', key: 'lock', owner: 'client.1', lease: 5_000, wait: 100 },
  { name: 'hit', key: 'limit', count: 1, limit: 5, window: 1_000 },
  { name: 'append', key: 'topic', event: '{}', keep: 10 },
  { name: 'history', key: 'topic', after: '0-0', count: 10 },
  { name: 'groupTake', key: 'topic', group: 'g', member: 'm', count: 1, again: false },
] as const;

const messages: readonly ToPrimary[] = [
  { type: 'listening', address: { address: null, port: 3_000 } },
  { type: 'ready' },
  { type: 'standby' },
  { type: 'recovered' },
  { type: 'heartbeat', vitals },
  { type: 'left', phases: { handover: 1, connections: 2, hooks: 3 } },
  { type: 'watch' },
  { type: 'client', client: 'c', key: 'k' },
  { type: 'clientClosed', client: 'c' },
  { type: 'offsets', offsets: { topic: '1-1' } },
];

/** Those that are answered at once. */
const questions: readonly { [Name in keyof Questions]: [Name, Questions[Name]['params']] }[Exclude<
  keyof Questions,
  'leave' | 'reload' | 'scale'
>][] = [
  ['flush', null],
  ['status', null],
  ['overloaded', 100],
  ['offsets', null],
  ['bus', { what: 'join', info }],
  ['bus', { what: 'subscribe', member: 'm', channel: 'topic:topic.*' }],
  ['bus', { what: 'publish', channel: 'topic:topic.a', text: '{}' }],
  ['bus', { what: 'members' }],
  ['execute', { client: 'c', batch: { ...batch, sequence: 1, operations } }],
  ['recall', { place: { name: 'set', partition: 0, lane: 'lane', sequence: 1, index: 0 }, at: 1 }],
];

let nextId = 1_000_000;

const packets = [
  ...messages.map(message => () => ({ message })),
  ...questions.map(([question, params]) => () => ({ question, id: nextId++, params })),
];

/** Whatever JSON can carry, and what programs stumble over. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, -1, 0, 1e21, 1.5, '', 'x'.repeat(5_000), [], {}, [null], '__proto__', {
    constructor: null,
  }),
);

/** JSON with something else in a place of it, or without it. */
function mutated(valid: unknown, place: number, replacement: unknown): unknown {
  const copy = structuredClone(valid);
  const places: (() => void)[] = [];
  const visit = (node: unknown): void => {
    if (typeof node === 'object' && node !== null) {
      for (const name of Object.keys(node)) {
        const container = node as Record<string, unknown>;
        places.push(
          () => (container[name] = replacement),
          () => delete container[name],
        );
        visit(container[name]);
      }
    }
  };
  visit(copy);
  places[place % places.length]?.();
  return copy;
}

const mutation = (valid: readonly (() => unknown)[]): fc.Arbitrary<unknown> =>
  fc
    .tuple(fc.nat({ max: valid.length - 1 }), fc.nat(), anything)
    .map(([which, place, replacement]) => mutated(valid[which]!(), place, replacement));

const frameOf = (valid: readonly (() => unknown)[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    anything,
    anything.map(content => ({ [KEY]: content })),
    fc
      .array(fc.oneof(anything, mutation(valid), mutation(valid)), { maxLength: 5 })
      .map(content => ({ [KEY]: content })),
  );

/** The numbers of the questions in a frame that can be answered. */
function asked(frame: unknown): number[] {
  const content = (frame as Record<string, unknown> | null)?.[KEY];
  return (Array.isArray(content) ? (content as unknown[]) : [])
    .filter(packet => typeof packet === 'object' && packet !== null)
    .map(packet => packet as { readonly question?: unknown; readonly id?: unknown })
    .filter(packet => !Object.hasOwn(packet, 'message') && !Object.hasOwn(packet, 'hello'))
    .filter(({ question, id }) => typeof question === 'string' && Number.isSafeInteger(id))
    .map(({ id }) => id as number)
    .filter(id => id >= 0);
}

function answered(sent: readonly object[]): number[] {
  return sent
    .flatMap(envelope => (envelope as Record<string, { readonly answers?: number }[]>)[KEY] ?? [])
    .flatMap(({ answers }) => (answers === undefined ? [] : [answers]));
}

function nothing(): void {}

const byNumber = (one: number, other: number): number => one - other;

describe('a primary whose worker says anything', () => {
  let logged: string[];
  let worker: FakeWorkerProcess;
  let supervisor: Supervisor;

  beforeEach(async () => {
    logged = [];
    const log = (text: string): void => void logged.push(text);
    const logger = { log, warn: log, error: log, fatal: log };
    const options = resolveOptions(
      {},
      { CLUSTER_WORKERS: '1', CLUSTER_HEARTBEAT_INTERVAL: '0', CLUSTER_RECYCLE_JITTER: '0' },
    );
    const budget = new MemoryBudget();
    supervisor = createSupervisor({
      options,
      fork: place => (worker = new FakeWorkerProcess(place)),
      clock: new FakeClock(),
      startedAt: 0,
      exit: () => {},
      services: createServices(options.bus.maxQueueBytes, budget),
      budget,
      outputs: new FakeOutputs(),
      events: new EventHub({}, logger),
      logger,
      inspected: false,
      interactive: false,
      closePort: () => Promise.resolve(),
      takesConnections: () => false,
      portClaims: { claim: () => Promise.resolve(true) },
      onWorkersChanged: () => {},
      memory: { limit: undefined, total: 2 ** 30 },
      readBlockedStack: () => Promise.resolve(undefined),
    });
    void supervisor.start();
    await settle();
  });

  it('serves on, and answers every question once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frameOf(packets), { maxLength: 5 }), async frames => {
        worker.link.sent.length = 0;
        // As Node does: what cannot be parsed never arrives.
        const arriving = frames.map(
          frame => JSON.parse(JSON.stringify(frame) ?? 'null') as unknown,
        );
        arriving.forEach(frame => worker.link.emit('message', frame));
        await settle();
        const expected = arriving.flatMap(asked).toSorted(byNumber);
        expect(answered(worker.link.sent).toSorted(byNumber)).toEqual(expected);
      }),
      { numRuns: 300, interruptAfterTimeLimit: 5_000 },
    );
    expect(logged.filter(line => line.includes('bug in nestjs-cluster'))).toEqual([]);
    expect(logged.filter(line => line.includes('invalid')).length).toBeLessThanOrEqual(1);
    expect(worker.signals).toEqual([]);
    expect(await worker.ipc.ask('flush', null)).toBeNull();
    expect(supervisor.status().workers).toHaveLength(1);
  });
});

const at = { slot: 0, generation: 0, id: 1, pid: 1, at: 0 };

const events: readonly ClusterEvent[] = [
  { ...at, type: 'workerReady', bootTime: 1 },
  { ...at, type: 'workerExited', code: 0, signal: null, reason: 'left', uptime: 1 },
];

const status: HostStatus = {
  pid: 1,
  uptime: 1,
  state: 'running',
  generation: 0,
  wanted: 1,
  ready: 1,
  hasStarted: true,
  discardedOutput: 0,
  stateMemory: { used: 0, limit: 1 },
  recentRestarts: 0,
  workers: [{ ...at, state: 'ready', serves: true, uptime: 1, restarts: 0, vitals }],
  spares: [],
};

const orders: readonly ToWorker[] = [
  { type: 'drain', cause: 'stop', timeout: 5_000, signal: 'SIGTERM' },
  { type: 'open' },
  { type: 'promote', slot: 1 },
  ...events.map(event => ({ type: 'event', event }) as const),
  { type: 'grant', client: 'c', grant: { owner: 'c.1', token: 1 } },
  { type: 'clientDied', dead: { client: 'c', keys: ['k'] } },
  { type: 'text', member: 'm', channel: 'topic:t', text: '{}' },
  { type: 'skipped', member: 'm', channel: 'topic:t', mark: { stream: 's', topic: 't', last: 1 } },
  { type: 'member', member: 'm', change: { told: info } },
];

describe('a worker whose primary says anything', () => {
  let faults: string[];
  let link: FakeLink;
  let host: PrimaryHost;

  beforeEach(() => {
    faults = [];
    const [near, far] = FakeLink.pair();
    link = near;
    far.on('message', () => {});
    host = new PrimaryHost(
      link,
      { onDrain: nothing, onOpen: nothing, onPromote: nothing },
      { warn: nothing, error: (text: string) => void faults.push(text) },
    );
    host.events.subscribe();
  });

  afterEach(() => link.close());

  it('serves on, and settles every question once', async () => {
    const executor = new IpcExecutor(host.channel);
    const bus = host.channel.open(busProtocol, () => {});
    executor.open('c', { onAvailable: () => {}, onGrant: () => {} });
    let nextAnswer = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(frameOf(orders.map(message => () => ({ message }))), { maxLength: 3 }),
        mutation([() => status, () => ({ type: 'applied', results: ['1'] }), () => [info]]),
        async (frames, answer) => {
          let settled = 0;
          const settles = (): number => settled++;
          const pending = [
            host.status(),
            host.scale(2),
            bus.ask('offsets', null),
            executor.execute({ ...batch, sequence: 1, operations: [{ name: 'get', key: 'a' }] }),
          ];
          pending.forEach(question => void question.then(settles, settles));
          const arriving = [
            ...frames,
            // Each is answered with what may be meant for another one, and twice.
            ...pending.flatMap(() => {
              const packet = { answers: ++nextAnswer, answer };
              return [{ [KEY]: [packet, packet] }];
            }),
          ].map(frame => JSON.parse(JSON.stringify(frame) ?? 'null') as unknown);
          await settle();
          arriving.forEach(frame => link.emit('message', frame));
          await settle();
          expect(settled).toBe(pending.length);
        },
      ),
      { numRuns: 300, interruptAfterTimeLimit: 5_000 },
    );
    expect(faults).toEqual([]);
  });
});
