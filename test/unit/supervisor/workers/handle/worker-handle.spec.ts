import { beforeEach, describe, expect, it } from 'vitest';
import type { WorkerLifecycleEvent } from '../../../../../src/model/events/cluster-event.interface.js';
import { primaryEnd } from '../../../../../src/ipc/protocol.js';
import { type Hello, ownHello } from '../../../../../src/ipc/protocol-version.js';
import { supervisionProtocol } from '../../../../../src/ipc/supervision.protocol.js';
import { stateProtocol } from '../../../../../src/state/backends/ipc/state.protocol.js';
import { WorkerHandle } from '../../../../../src/supervisor/workers/handle/worker-handle.js';
import { FakeClock, settle } from '../../../../support/fakes/fake-clock.js';
import { FakeOutputs } from '../../../../support/fakes/fake-outputs.js';
import { FakeWorkerProcess } from '../../../../support/fakes/fake-worker-process.js';

const PROTOCOL = primaryEnd([supervisionProtocol, stateProtocol]);
const TERMS = { cause: 'reload', timeout: 2_000 } as const;
const VITALS = {
  memory: 1,
  requests: 2,
  eventLoopDelay: 3,
  eventLoopDelayP99: 4,
  eventLoopUtilization: 0.5,
};

let clock: FakeClock;
let process: FakeWorkerProcess;
let worker: WorkerHandle;
let events: WorkerLifecycleEvent[];
let reported: unknown[][];
let outputs: FakeOutputs;

beforeEach(() => fork());

function fork(hello: Hello | null = ownHello(), slot = 1): void {
  clock = new FakeClock();
  events = [];
  reported = [];
  outputs = new FakeOutputs();
  const report =
    (what: string) =>
    (...args: unknown[]): void =>
      void reported.push([what, ...args]);
  process = new FakeWorkerProcess({ slot, generation: 3, standsBy: false, isQuiet: false }, hello);
  worker = new WorkerHandle(
    process,
    { slot, generation: 3, bootTimeout: 5_000, heartbeat: { interval: 1_000, timeout: 4_000 } },
    clock,
    () => ({
      onEvent: event => void events.push(event),
      onQuestion: ({ name, answer }) => {
        report('question')(name);
        answer(null as never);
      },
      onServiceMessage: report('message'),
      onVitals: report('vitals'),
      onRecovered: report('recovered'),
      onSilent: report('silent'),
      onUnpromotable: report('unpromotable'),
      onWatch: report('watch'),
      onInvalid: report('invalid'),
      onFault: report('fault'),
      onIncompatible: report('incompatible'),
    }),
    outputs,
    PROTOCOL,
  );
}

const types = (): string[] => events.map(({ type }) => type);

async function ready(): Promise<void> {
  await process.becomeReady();
  await settle();
}

describe('WorkerHandle', () => {
  it('reports each step of a life, and the state that follows', async () => {
    expect(worker.describe()).toEqual({
      ...worker.identify(),
      state: 'booting',
      serves: false,
      uptime: 0,
    });
    await clock.advance(1_200);
    await ready();
    expect([worker.state, worker.serves, worker.readyFor]).toEqual(['ready', true, 0]);
    worker.drain(TERMS, 'SIGTERM');
    expect([worker.state, worker.serves]).toEqual(['draining', false]);
    await settle();
    expect(process.drainOrders).toEqual([{ type: 'drain', ...TERMS, signal: 'SIGTERM' }]);
    const phases = { handover: 1, connections: 2, hooks: 3 };
    await process.ipc.post({ type: 'left', phases });
    await clock.advance(300);
    process.exit(0);
    await settle();
    expect(types()).toEqual(['workerForked', 'workerReady', 'workerDraining', 'workerExited']);
    expect(events.map(event => ({ ...event, at: 0 }))).toEqual(
      [
        {},
        { bootTime: 1_200 },
        { cause: 'reload' },
        { code: 0, signal: null, reason: 'left', uptime: 1_500, phases },
      ].map((details, place) => ({
        ...details,
        type: types()[place],
        ...worker.identify(),
        at: 0,
      })),
    );
    expect([worker.state, worker.exit, clock.pending]).toEqual(['exited', events.at(-1), 0]);
  });

  it('ends a worker that still boots by a signal, without a message', async () => {
    worker.drain(TERMS);
    await settle();
    expect([process.signals, process.drainOrders, worker.state]).toEqual([
      ['SIGTERM'],
      [],
      'draining',
    ]);
    process.exit(null, 'SIGTERM');
    await settle();
    expect(worker.exit).toMatchObject({ reason: 'left', signal: 'SIGTERM' });
  });

  it('kills a worker that is not ready in time, and says how long it had', async () => {
    await clock.advance(5_000);
    expect(process.signals).toEqual(['SIGKILL']);
    expect(worker.exit).toMatchObject({ reason: 'boot-timeout', budget: 5_000, uptime: 5_000 });
  });

  it('kills a worker that has not left in time', async () => {
    await ready();
    worker.drain(TERMS);
    await clock.advance(1_999);
    expect(process.signals).toEqual([]);
    await clock.advance(1);
    expect(worker.exit).toMatchObject({ reason: 'drain-timeout', budget: 2_000 });
  });

  it.each([
    ['at', 2_000],
    ['long after', 60_000],
  ])(
    'knows a worker that ended itself %s the deadline, while the primary was busy',
    async (_, at) => {
      await process.becomeReady();
      worker.drain(TERMS);
      clock.pass(at);
      process.exit(1);
      expect(worker.exit).toMatchObject({ reason: 'drain-timeout', budget: 2_000, code: 1 });
    },
  );

  it.each([
    ['crashes before the deadline', 1_999, 1, 'crashed'],
    ['is done, and whose exit it reads late', 2_500, 0, 'left'],
  ])('takes no worker for late that %s', async (_, at, code, reason) => {
    await process.becomeReady();
    worker.drain(TERMS);
    clock.pass(at);
    process.exit(code);
    expect(worker.exit).toMatchObject({ reason, code });
    expect(worker.exit).not.toHaveProperty('budget');
  });

  it('has the time to leave also for a worker that boots, and was blocked by its output', async () => {
    outputs.logs.stdout.stopReading();
    for (let part = 0; part < 2; part++) {
      process.stdout.write(Buffer.alloc(2 ** 20, '.\n'));
      await settle();
    }
    expect(worker.describe()).toMatchObject({ isOutputPaused: true });
    worker.drain(TERMS);
    expect(worker.describe()).not.toHaveProperty('isOutputPaused');
    await clock.advance(2_000);
    expect(worker.exit).toMatchObject({ reason: 'drain-timeout', budget: 2_000 });
    expect(types()).toEqual([
      'workerForked',
      'workerOutputPaused',
      'workerOutputResumed',
      'workerDraining',
      'workerExited',
    ]);
  });

  it('reports a worker without heartbeats once, and it no longer serves', async () => {
    await ready();
    await clock.advance(60_000);
    expect(reported).toEqual([['silent']]);
    expect([worker.serves, worker.takesConnections, worker.state]).toEqual([false, false, 'ready']);
    expect(worker.describe()).toMatchObject({ state: 'ready', serves: false });
    worker.kill('hung');
    await settle();
    expect(worker.exit).toMatchObject({ reason: 'hung' });
  });

  it('takes every message for a sign of life', async () => {
    await ready();
    for (let second = 0; second < 10; second++) {
      process.ipc.offer({ type: 'watch' });
      await clock.advance(1_000);
    }
    expect(reported.filter(([what]) => what === 'silent')).toEqual([]);
    expect(worker.serves).toBe(true);
  });

  it('shows vitals, overload and overdue heartbeats in its status', async () => {
    await ready();
    process.ipc.offer({ type: 'heartbeat', vitals: VITALS });
    await settle();
    worker.isOverloaded = true;
    await clock.advance(2_000);
    expect(worker.describe()).toMatchObject({
      vitals: VITALS,
      isOverloaded: true,
      heartbeatOverdue: 1_000,
    });
    expect([worker.serves, worker.takesConnections]).toEqual([true, false]);
  });

  it('gives a spare its slot, and the time to become ready from then on', async () => {
    fork(ownHello(), -1);
    await process.ipc.post({ type: 'standby' });
    await clock.advance(500);
    expect([worker.slot, worker.state, worker.isWaiting]).toEqual([-1, 'standby', true]);
    worker.promote(4);
    await settle();
    expect(process.orders).toEqual([{ type: 'promote', slot: 4 }]);
    expect([worker.slot, worker.state, worker.isWaiting]).toEqual([4, 'standby', false]);
    await clock.advance(40);
    await ready();
    expect(events.at(-1)).toMatchObject({ type: 'workerReady', slot: 4, bootTime: 40 });
  });

  it('kills a promoted spare that does not become ready in time', async () => {
    await process.ipc.post({ type: 'standby' });
    worker.promote(0);
    for (let second = 0; second < 5; second++) {
      process.ipc.offer({ type: 'watch' });
      await clock.advance(1_000);
    }
    expect(worker.exit).toMatchObject({ reason: 'boot-timeout' });
  });

  it('routes questions, messages for services and messages that are invalid', async () => {
    await process.ipc.ask('flush', null, 1_000);
    await process.ipc.post({ type: 'nonsense' } as never);
    await process.ipc.post({ type: 'recovered' });
    await process.ipc.post({ type: 'unpromotable' });
    await settle();
    expect(reported.map(([what, first]) => [what, typeof first])).toEqual([
      ['question', 'string'],
      ['invalid', 'string'],
      ['recovered', 'undefined'],
      ['unpromotable', 'undefined'],
    ]);
  });

  it('reports each address once, from Node and from the worker', async () => {
    const address = { address: null, port: 3000 };
    await process.ipc.post({ type: 'listening', address });
    await process.ipc.post({ type: 'listening', address });
    await settle();
    expect(types()).toEqual(['workerForked', 'workerListening']);
    expect(worker.addresses).toEqual([address]);
  });

  it('kills a worker of another version, and keeps the reason as its error', async () => {
    fork({ ...ownHello(), protocol: 999 });
    await settle();
    expect(reported).toEqual([['incompatible', expect.stringMatching(/Restart the host/)]]);
    expect(process.signals).toEqual(['SIGKILL']);
    expect(worker.exit).toMatchObject({ reason: 'boot-failed' });
    expect(worker.ending.error).toMatch(/Restart the host/);
  });

  it('does nothing to a worker whose process has ended', async () => {
    await ready();
    process.exit(1);
    await settle();
    const before = events.length;
    worker.drain(TERMS);
    worker.leaves(TERMS);
    worker.kill('killed');
    await worker.send({ type: 'open' });
    await clock.advance(10_000);
    expect([events.length, process.signals, clock.pending]).toEqual([before, [], 0]);
    expect(worker.exit).toMatchObject({ reason: 'crashed', code: 1 });
  });
});
