import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClusterEvent } from '../../../src/events/cluster-event.interface.js';
import { resolveOptions } from '../../../src/options/resolve-options.js';
import { BusDesk } from '../../../src/primary/bus-desk.js';
import { EventHub } from '../../../src/primary/event-hub.js';
import { StateDesk } from '../../../src/primary/state-desk.js';
import { Supervisor } from '../../../src/primary/supervisor.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';
import { FakeWorkerProcess } from '../../support/fakes/fake-worker-process.js';

let clock: FakeClock;
let forked: FakeWorkerProcess[];
let exits: number[];
let events: ClusterEvent[];
let logged: string[];
let portClosed: boolean;

beforeEach(() => {
  clock = new FakeClock();
  forked = [];
  exits = [];
  events = [];
  logged = [];
  portClosed = false;
});

function log(text: string): void {
  logged.push(text);
}

function supervise(env: NodeJS.ProcessEnv = {}): Supervisor {
  const options = resolveOptions({}, { CLUSTER_WORKERS: '2', ...env });
  const logger = { log, warn: log, error: log, fatal: log };
  const hub = new EventHub({}, logger);
  const publish = hub.publish.bind(hub);
  hub.publish = event => {
    events.push(event);
    publish(event);
  };
  return new Supervisor({
    options,
    fork: place => {
      const worker = new FakeWorkerProcess(place);
      forked.push(worker);
      return worker;
    },
    clock,
    exit: code => exits.push(code),
    state: new StateDesk(() => {}),
    bus: new BusDesk(options.bus.maxQueueBytes),
    events: hub,
    logger,
    inspected: false,
    interactive: false,
    closePort: async () => {
      portClosed = true;
    },
    onWorkersChanged: () => {},
  });
}

async function started(env?: NodeJS.ProcessEnv): Promise<Supervisor> {
  const supervisor = supervise(env);
  void supervisor.start();
  await settle();
  await Promise.all(forked.map(worker => worker.becomeReady()));
  await settle();
  return supervisor;
}

const states = (supervisor: Supervisor): unknown[] =>
  supervisor.status().workers.map(({ slot, state }) => [slot, state]);

describe('Supervisor', () => {
  it('forks a worker for each slot and knows when all are ready', async () => {
    const supervisor = supervise();
    const start = supervisor.start();
    await settle();
    expect(forked.map(({ place }) => place)).toEqual([
      { slot: 0, generation: 0 },
      { slot: 1, generation: 0 },
    ]);
    expect(states(supervisor)).toEqual([
      [0, 'booting'],
      [1, 'booting'],
    ]);
    await Promise.all(forked.map(worker => worker.becomeReady()));
    await start;
    expect(logged.at(-1)).toMatch(/2 workers ready/);
  });

  it('replaces a crashed worker in its slot, later and later the more often it fails', async () => {
    const supervisor = await started();
    for (let failures = 1; failures <= 8; failures++) {
      forked.at(-1)!.exit(1);
      await settle();
      expect(states(supervisor)).toEqual([
        [0, 'ready'],
        [1, 'exited'],
      ]);
      const before = forked.length;
      await clock.advance(Math.min(30_000, 100 * 2 ** (failures - 1)));
      expect(forked).toHaveLength(before + 1);
      await forked.at(-1)!.becomeReady();
      await settle();
    }
    expect(supervisor.status().workers[1]).toMatchObject({
      slot: 1,
      restarts: 8,
      lastExit: { reason: 'crashed', code: 1 },
    });
  });

  it('kills a worker that is not ready in time', async () => {
    const supervisor = supervise({ CLUSTER_BOOT_TIMEOUT: '5000' });
    void supervisor.start();
    await settle();
    await clock.advance(5_000);
    expect(forked.map(({ signals }) => signals)).toEqual([['SIGKILL'], ['SIGKILL']]);
    expect(events.filter(({ type }) => type === 'workerExited')).toMatchObject([
      { reason: 'boot-timeout' },
      { reason: 'boot-timeout' },
    ]);
  });

  it('gives up when nobody is ready and booting keeps failing', async () => {
    const supervisor = supervise();
    void supervisor.start();
    await settle();
    while (exits.length === 0) {
      forked.forEach(worker => worker.link.connected && worker.exit(1));
      await settle();
      await clock.advance(30_000);
    }
    expect(exits).toEqual([1]);
    expect(logged.join('\n')).toMatch(/Gave up after 5 failed boots in a row/);
    expect(clock.pending).toBe(0);
  });

  it('does not give up while one worker is ready', async () => {
    const supervisor = await started();
    for (let failures = 0; failures < 10; failures++) {
      forked.at(-1)!.exit(1);
      await settle();
      await clock.advance(30_000);
    }
    expect(exits).toEqual([]);
    expect(states(supervisor)[0]).toEqual([0, 'ready']);
  });

  it('stops: closes the port, drains all side by side, and exits with 0', async () => {
    const supervisor = await started();
    supervisor.stop('SIGTERM');
    expect(supervisor.status().state).toBe('stopping');
    await settle();
    expect(portClosed).toBe(true);
    expect(forked.map(({ drainOrders }) => drainOrders)).toEqual([
      [{ type: 'drain', cause: 'stop', timeout: 25_000, signal: 'SIGTERM' }],
      [{ type: 'drain', cause: 'stop', timeout: 25_000, signal: 'SIGTERM' }],
    ]);
    forked.forEach(worker => worker.exit(0));
    await settle();
    expect(exits).toEqual([0]);
    expect(clock.pending).toBe(0);
  });

  it('serves on for the readiness delay, which is part of the budget', async () => {
    const supervisor = await started({ CLUSTER_SHUTDOWN_READINESS_DELAY: '5000' });
    supervisor.stop('SIGTERM');
    await clock.advance(4_999);
    expect(portClosed).toBe(false);
    await clock.advance(1);
    expect(forked[0]!.drainOrders).toMatchObject([{ timeout: 20_000 }]);
  });

  it('kills what has not left at the end of the budget, and exits with 1', async () => {
    const supervisor = await started();
    supervisor.stop('SIGTERM');
    await settle();
    forked[0]!.exit(0);
    await clock.advance(25_000);
    expect(forked[1]!.signals).toEqual(['SIGKILL']);
    expect(exits).toEqual([1]);
  });

  it('kills at once on a second signal', async () => {
    const supervisor = await started();
    supervisor.stop('SIGINT');
    await settle();
    supervisor.stopAtOnce(130);
    await settle();
    expect(exits).toEqual([130]);
  });

  it('forgets about replacements when it stops', async () => {
    const supervisor = await started();
    forked[0]!.exit(1);
    await settle();
    supervisor.stop('SIGTERM');
    await settle();
    forked[1]!.exit(0);
    await settle();
    expect(exits).toEqual([0]);
    await clock.advance(60_000);
    expect(forked).toHaveLength(2);
  });

  it('ends booting workers by a signal: they may not listen yet', async () => {
    const supervisor = supervise();
    void supervisor.start();
    await settle();
    supervisor.stop('SIGTERM');
    await settle();
    expect(forked.map(({ signals }) => signals)).toEqual([['SIGTERM'], ['SIGTERM']]);
    forked.forEach(worker => worker.exit(null, 'SIGTERM'));
    await settle();
    expect(exits).toEqual([0]);
  });

  it('lets a worker leave that wants to, and replaces it', async () => {
    const supervisor = await started();
    const terms = forked[1]!.askToLeave();
    await settle();
    await clock.advance(50);
    expect(await terms).toEqual({ cause: 'signal', timeout: 25_000 });
    await clock.advance(100);
    expect(forked).toHaveLength(3);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'draining'],
      [1, 'booting'],
    ]);
    forked[1]!.exit(0);
    await settle();
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'booting'],
    ]);
  });

  it('exits with 0 from a clean stop, whatever had to be killed before', async () => {
    const supervisor = await started();
    void forked[1]!.askToLeave().catch(() => {});
    await settle();
    await clock.advance(25_050);
    expect(forked[1]!.signals).toEqual(['SIGKILL']);
    supervisor.stop('SIGTERM');
    await settle();
    forked.forEach(worker => worker.link.connected && worker.exit(0));
    await settle();
    expect(exits).toEqual([0]);
  });

  it('takes a signal to a worker for one to the host if the host gets it too', async () => {
    const supervisor = await started();
    const terms = forked[1]!.askToLeave();
    await settle();
    supervisor.stop('SIGTERM');
    await settle();
    expect(await terms).toEqual({ cause: 'stop', timeout: 25_000 });
    expect(forked).toHaveLength(2);
  });

  it('lets a worker that asks to leave during a stop wait for the port to close', async () => {
    const supervisor = await started({ CLUSTER_SHUTDOWN_READINESS_DELAY: '5000' });
    supervisor.stop('SIGTERM');
    let answered = false;
    const terms = forked[1]!.askToLeave().finally(() => (answered = true));
    await clock.advance(4_999);
    expect(answered).toBe(false);
    await clock.advance(1);
    expect(await terms).toEqual({ cause: 'stop', timeout: 20_000 });
    expect(portClosed).toBe(true);
  });

  it('has the last ready worker serve on until its replacement is ready', async () => {
    const supervisor = await started({ CLUSTER_WORKERS: '1' });
    let answered = false;
    const terms = forked[0]!.askToLeave().finally(() => (answered = true));
    await settle();
    await clock.advance(1_000);
    expect(forked).toHaveLength(2);
    expect(answered).toBe(false);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [0, 'booting'],
    ]);
    await forked[1]!.becomeReady();
    await terms;
    expect(states(supervisor)).toEqual([
      [0, 'draining'],
      [0, 'ready'],
    ]);
  });
});
