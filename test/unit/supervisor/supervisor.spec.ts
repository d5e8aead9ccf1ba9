import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ClusterEvent } from '../../../src/model/events/cluster-event.interface.js';
import { resolveOptions } from '../../../src/config/resolve-options.js';
import { EventHub } from '../../../src/supervisor/event-hub.js';
import { createServices } from '../../../src/services/create-services.js';
import { MemoryBudget } from '../../../src/state/backends/memory/memory-budget.js';
import { createSupervisor } from '../../../src/supervisor/create-supervisor.js';
import type { Supervisor } from '../../../src/supervisor/supervisor.js';
import { type Hello, ownHello } from '../../../src/ipc/protocol-version.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';
import { FakeOutputs } from '../../support/fakes/fake-outputs.js';
import { FakeWorkerProcess } from '../../support/fakes/fake-worker-process.js';

const CALM = { eventLoopDelayP99: 0, eventLoopUtilization: 0 };

let clock: FakeClock;
let forked: FakeWorkerProcess[];
let exits: number[];
let events: ClusterEvent[];
let logged: string[];
let portClosed: boolean;
let stack: string | undefined;
/** What workers that are forked from now on say first; `null` for nothing. */
let hello: Hello | null;
/** The output of the host, which nobody reads before a test does. */
let outputs: FakeOutputs;

afterEach(() => {
  jest.restoreAllMocks();
});

beforeEach(() => {
  // The backoff before a restart has full jitter, down to 0.
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
  clock = new FakeClock();
  forked = [];
  exits = [];
  events = [];
  logged = [];
  portClosed = false;
  stack = undefined;
  hello = ownHello();
  outputs = new FakeOutputs();
});

function log(text: string): void {
  logged.push(text);
}

function supervise(env: NodeJS.ProcessEnv = {}, startedAt = clock.now()): Supervisor {
  // Fakes have no heart.
  const fakes = { CLUSTER_WORKERS: '2', CLUSTER_HEARTBEAT_INTERVAL: '0' };
  const options = resolveOptions({}, { ...fakes, ...env });
  const logger = { log, warn: log, error: log, fatal: log };
  const hub = new EventHub({}, logger);
  const publish = hub.publish.bind(hub);
  hub.publish = event => {
    events.push(event);
    publish(event);
  };
  const budget = new MemoryBudget(64 * 1024 * 1024);
  return createSupervisor({
    options,
    fork: place => {
      const worker = new FakeWorkerProcess(place, hello);
      forked.push(worker);
      return worker;
    },
    clock,
    startedAt,
    exit: code => exits.push(code),
    services: createServices(options.bus.maxQueueBytes, budget),
    budget,
    outputs,
    events: hub,
    logger,
    inspected: false,
    interactive: false,
    closePort: async () => {
      portClosed = true;
    },
    onWorkersChanged: () => {},
    memory: { limit: undefined, total: 2 ** 30 },
    readBlockedStack: async () => stack,
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
      { slot: 0, generation: 0, standsBy: false, isQuiet: false },
      { slot: 1, generation: 0, standsBy: false, isQuiet: true },
    ]);
    expect(states(supervisor)).toEqual([
      [0, 'booting'],
      [1, 'booting'],
    ]);
    await Promise.all(forked.map(worker => worker.becomeReady()));
    await start;
    expect(logged.at(-1)).toMatch(/2 workers ready/);
  });

  it('counts its uptime from the start of the host, which may be earlier', () => {
    expect(supervise({}, clock.now() - 1_500).status().uptime).toBe(1_500);
  });

  it('names the namespace and its origin when it starts', () => {
    void supervise({ CLUSTER_NAMESPACE: 'shop' }).start();
    expect(logged[0]).toMatch(
      /^Primary \d+ starts 2 workers \(.*\)\. Namespace shop \(CLUSTER_NAMESPACE\)$/,
    );
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

  it('tells how many workers are ready, and how many had to be replaced lately', async () => {
    const supervisor = supervise();
    void supervisor.start();
    await settle();
    await forked[0]!.becomeReady();
    expect(supervisor.status()).toMatchObject({ wanted: 2, ready: 1, hasStarted: false });
    await forked[1]!.becomeReady();
    await settle();
    expect(supervisor.status()).toMatchObject({ ready: 2, hasStarted: true, recentRestarts: 0 });
    forked[0]!.exit(1);
    await clock.advance(200);
    expect(supervisor.status()).toMatchObject({ ready: 1, hasStarted: true, recentRestarts: 1 });
    await forked[2]!.becomeReady();
    await clock.advance(60_000);
    expect(supervisor.status()).toMatchObject({ recentRestarts: 0 });
  });

  it('does not tell how a worker was doing while it booted', async () => {
    const supervisor = supervise();
    void supervisor.start();
    await settle();
    const vitals = {
      memory: 1,
      requests: 0,
      ...CALM,
      eventLoopDelay: 9_000,
      eventLoopDelayP99: 9_000,
    };
    forked[0]!.ipc.offer({ type: 'heartbeat', vitals });
    await forked[0]!.becomeReady();
    await settle();
    expect(supervisor.status().workers[0]).not.toHaveProperty('vitals');
    forked[0]!.ipc.offer({ type: 'heartbeat', vitals });
    await settle();
    expect(supervisor.status().workers[0]).toMatchObject({ vitals });
  });

  it('kills a worker that is not ready in time', async () => {
    const supervisor = supervise({ CLUSTER_BOOT_TIMEOUT: '5000' });
    void supervisor.start();
    await settle();
    await clock.advance(5_000);
    // Others may have come in their places already: after a random time, which may be none.
    const [one, other] = forked;
    expect([one, other].map(worker => worker?.signals)).toEqual([['SIGKILL'], ['SIGKILL']]);
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

  const portInUse = {
    type: 'bootFailed',
    failure: {
      code: 'EADDRINUSE',
      message: 'bind EADDRINUSE null:3000',
      address: { address: null, port: 3000 },
    },
  } as const;

  it('ends at once for a failure that cannot heal, in one line', async () => {
    const supervisor = supervise();
    void supervisor.start();
    await settle();
    forked[1]!.ipc.postNow(portInUse);
    await settle();
    expect(exits).toEqual([]);
    forked[1]!.exit(1);
    await settle();
    expect(exits).toEqual([]);
    forked[0]!.ipc.postNow(portInUse);
    await settle();
    forked[0]!.exit(1);
    await settle();
    expect(exits).toEqual([1]);
    expect(forked).toHaveLength(2);
    expect(logged.slice(1)).toEqual([
      expect.stringMatching(/^Port 3000 is in use \(EADDRINUSE\): .* the host exits$/),
    ]);
    expect(clock.pending).toBe(0);
  });

  it('goes on with such a failure in one slot if another worker becomes ready', async () => {
    const supervisor = supervise();
    void supervisor.start();
    await settle();
    forked[1]!.ipc.postNow(portInUse);
    await settle();
    forked[1]!.stderr.write('Error: bind EADDRINUSE null:3000\n');
    await settle();
    forked[1]!.exit(1);
    await clock.advance(5_000);
    expect([exits.length, forked.length]).toEqual([0, 2]);
    await forked[0]!.becomeReady();
    await clock.advance(200);
    expect([exits.length, forked.length]).toEqual([0, 3]);
    expect(forked[2]!.place.slot).toBe(1);
    expect(outputs.logs.stderr.text).toBe('Error: bind EADDRINUSE null:3000\n');
  });

  it.each([
    ['fails for another reason', async (worker: FakeWorkerProcess) => worker.exit(1)],
    ['is not ready in time', async () => clock.advance(60_000)],
  ])('ends for such a failure in one slot when the other worker %s', async (_, fail) => {
    const supervisor = supervise({ CLUSTER_BOOT_TIMEOUT: '60000' });
    void supervisor.start();
    await settle();
    forked[1]!.ipc.postNow(portInUse);
    await settle();
    forked[1]!.exit(1);
    await settle();
    expect(exits).toEqual([]);
    await fail(forked[0]!);
    await settle();
    expect([exits, forked.length]).toEqual([[1], 2]);
    expect(logged.at(-1)).toMatch(/^Port 3000 is in use/);
    expect(clock.pending).toBe(0);
  });

  it('stops while it waits for the others, and shows what such a worker has said', async () => {
    const supervisor = supervise();
    void supervisor.start();
    await settle();
    forked[1]!.ipc.postNow(portInUse);
    forked[1]!.stderr.write('Error: bind EADDRINUSE null:3000\n');
    await settle();
    forked[1]!.exit(1);
    await settle();
    supervisor.stop('SIGTERM');
    await settle();
    forked[0]!.exit(null, 'SIGTERM');
    await settle();
    expect([exits, forked.length]).toEqual([[0], 2]);
    expect(outputs.logs.stderr.text).toBe('Error: bind EADDRINUSE null:3000\n');
    expect(clock.pending).toBe(0);
  });

  it('does not give up for one slot before the other workers have had their chance', async () => {
    const supervisor = supervise({ CLUSTER_BOOT_TIMEOUT: '600000' });
    void supervisor.start();
    await settle();
    for (let failures = 0; failures < 8; failures++) {
      forked.at(-1)!.exit(1);
      await clock.advance(30_000);
    }
    expect(exits).toEqual([]);
    forked[0]!.exit(1);
    await settle();
    expect(exits).toEqual([1]);
    expect(logged.join('\n')).toMatch(/Gave up after 8 failed boots/);
  });

  it('ends in one line also if the boot took so long that it shows what it says', async () => {
    const supervisor = supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    forked[0]!.stderr.write('waiting for the database\n');
    await clock.advance(10_000);
    forked[0]!.ipc.postNow(portInUse);
    await settle();
    forked[0]!.stderr.write('Error: bind EADDRINUSE null:3000\n    at listen\n');
    await settle();
    forked[0]!.exit(1);
    await settle();
    expect(exits).toEqual([1]);
    expect(outputs.logs.stderr.text).toBe('waiting for the database\n');
  });

  const lastWords =
    "node:events:1\n  throw\n  ^\n\nError [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'\n\nNode.js v20.20.2\n";

  it('ends at once for what such a worker has said last', async () => {
    const supervisor = supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    forked[0]!.stderr.write(lastWords);
    await settle();
    forked[0]!.exit(1);
    await settle();
    expect(exits).toEqual([1]);
    expect(logged.at(-1)).toMatch(/cannot start \(missing module\): .*Cannot find package 'x'/);
  });

  it('does not take the words of a worker that was killed for its reason', async () => {
    const supervisor = supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    forked[0]!.stderr.write(lastWords);
    await settle();
    forked[0]!.exit(null, 'SIGKILL');
    await clock.advance(200);
    expect(exits).toEqual([]);
    expect(forked).toHaveLength(2);
  });

  it('forgets such a failure when the worker listens all the same', async () => {
    const supervisor = supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    forked[0]!.ipc.postNow(portInUse);
    await settle();
    forked[0]!.ipc.postNow({ type: 'listening', address: { address: null, port: 3001 } });
    await settle();
    forked[0]!.exit(1);
    await clock.advance(200);
    expect(exits).toEqual([]);
    expect(forked).toHaveLength(2);
  });

  it('replaces no worker that closes itself because of such a failure', async () => {
    const supervisor = supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    forked[0]!.ipc.postNow(portInUse);
    void forked[0]!.ipc.ask('leave', 'close').catch(() => {});
    await settle();
    await clock.advance(1_000);
    expect(forked).toHaveLength(1);
    forked[0]!.exit(0);
    await settle();
    expect(exits).toEqual([1]);
  });

  it('goes on with such a failure once a worker has been ready', async () => {
    const supervisor = await started();
    forked.forEach(worker => worker.exit(1));
    await clock.advance(200);
    expect(forked).toHaveLength(4);
    forked[2]!.ipc.postNow(portInUse);
    await settle();
    forked[2]!.exit(1);
    await settle();
    expect(exits).toEqual([]);
    const reasons = supervisor.status().workers.map(({ lastExit }) => lastExit?.reason);
    expect(reasons).toContain('boot-failed');
  });

  it('takes no notice of a failure that did not end the worker', async () => {
    const supervisor = supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    forked[0]!.ipc.postNow(portInUse);
    await forked[0]!.becomeReady();
    await settle();
    forked[0]!.exit(1);
    await clock.advance(200);
    expect(exits).toEqual([]);
    expect(forked).toHaveLength(2);
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

  it('replaces a worker that was sent a signal, and lets it leave when the next one serves', async () => {
    const supervisor = await started();
    let answered = false;
    const terms = forked[1]!.askToLeave().finally(() => (answered = true));
    await settle();
    await clock.advance(150);
    expect(forked).toHaveLength(3);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
      [1, 'booting'],
    ]);
    expect(answered).toBe(false);
    await forked[2]!.becomeReady();
    expect(await terms).toEqual({ cause: 'signal', timeout: 25_000 });
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'draining'],
      [1, 'ready'],
    ]);
    forked[1]!.exit(0);
    await settle();
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
  });

  it('lets a worker that was sent a signal leave if the next one fails to boot', async () => {
    await started();
    const terms = forked[1]!.askToLeave();
    await settle();
    await clock.advance(150);
    forked[2]!.exit(1);
    expect(await terms).toMatchObject({ cause: 'signal' });
  });

  it('lets a worker that was sent a signal leave after the timeout, whatever happens', async () => {
    await started();
    const terms = forked[1]!.askToLeave();
    await settle();
    await clock.advance(25_060);
    expect(await terms).toMatchObject({ cause: 'signal' });
  });

  it('keeps a worker that closes itself when the only other one dies while it waits', async () => {
    await started();
    expect(await forked[0]!.ipc.ask('overloaded', 500)).toBe(true);
    let answered = false;
    const terms = forked[1]!.ipc.ask('leave', 'close').finally(() => (answered = true));
    await clock.advance(1);
    await settle();
    expect(forked[0]!.orders).toEqual([{ type: 'open' }]);
    forked[0]!.exit(null, 'SIGKILL');
    await clock.advance(10_000);
    expect(answered).toBe(false);
    await forked.at(-1)!.becomeReady();
    expect(await terms).toMatchObject({ cause: 'close' });
  });

  it('keeps one of two workers that were sent a signal at the same time', async () => {
    const supervisor = await started();
    const leaves = [0, 1].map(async index => {
      await forked[index]!.ipc.ask('leave', 'close', 60_000);
      return index;
    });
    expect(await Promise.race(leaves)).toBe(0);
    await clock.advance(10_000);
    expect(supervisor.status().workers).toMatchObject([
      { slot: 0, state: 'draining' },
      { slot: 0, state: 'booting' },
      { slot: 1, state: 'ready' },
      { slot: 1, state: 'booting' },
    ]);
    await forked.at(-1)!.becomeReady();
    expect(await Promise.all(leaves)).toEqual([0, 1]);
  });

  it('does not drain the worker that a reload has replaced if the new one dies at once', async () => {
    const supervisor = await started({ CLUSTER_WORKERS: '1' });
    supervisor.reload();
    await settle();
    await forked[1]!.becomeReady();
    forked[1]!.exit(null, 'SIGKILL');
    await settle();
    await clock.advance(1_000);
    expect(forked[0]!.drainOrders).toHaveLength(0);
  });

  it.each([
    ['by default', async (worker: FakeWorkerProcess) => worker.exit(null, 'SIGTERM')],
    [
      'by itself',
      async (worker: FakeWorkerProcess) => {
        void worker.askToLeave();
        await settle();
        await clock.advance(50);
        worker.exit(0);
      },
    ],
  ])(
    'does not take a SIGTERM to a booting worker for a failed boot: it ends %s',
    async (_, end) => {
      const supervisor = supervise({ CLUSTER_RESTART_GIVE_UP_AFTER: '2' });
      void supervisor.start();
      for (let times = 0; times < 5; times++) {
        await settle();
        await Promise.all(forked.slice(-2).map(end));
        await settle();
        await clock.advance(150);
      }
      expect(exits).toEqual([]);
      expect(forked).toHaveLength(12);
      expect(events.filter(({ type }) => type === 'workerExited')).toMatchObject(
        Array.from({ length: 10 }, () => ({ reason: 'left' })),
      );
      expect(logged.join('\n')).not.toMatch(/failed/);
    },
  );

  it('takes an application that ends itself while it boots for a failed boot', async () => {
    const supervisor = supervise();
    void supervisor.start();
    await settle();
    forked[0]!.exit(0);
    await settle();
    expect(events.at(-1)).toMatchObject({ type: 'workerExited', reason: 'boot-failed' });
  });

  it('tells within which time a worker should have left', async () => {
    const supervisor = await started({ CLUSTER_SHUTDOWN_TIMEOUT: '6000' });
    await clock.advance(60_000);
    supervisor.stop('SIGTERM');
    await settle();
    forked[0]!.exit(0);
    await clock.advance(6_000);
    expect(events.at(-1)).toMatchObject({ reason: 'drain-timeout', budget: 6_000 });
    expect(logged.join('\n')).toContain(
      'did not exit within 6.0 s (shutdown.timeout) and was killed',
    );
  });

  it('starts an application that closes itself later and later, and warns once', async () => {
    await started();
    for (let closings = 1; closings <= 8; closings++) {
      const worker = forked.at(-1)!;
      void worker.askToLeave('close').catch(() => {});
      await settle();
      worker.exit(0);
      await settle();
      const warnings = logged.filter(text => /createApplicationContext.* contexts /.test(text));
      expect(warnings).toHaveLength(closings < 3 ? 0 : 1);
      const before = forked.length;
      await clock.advance(Math.min(30_000, 100 * 2 ** (closings - 1)));
      expect(forked).toHaveLength(before + 1);
      await forked.at(-1)!.becomeReady();
      await settle();
    }
  });

  it.each([
    ['soon after it was ready', true],
    ['before it was ready', false],
  ])('warns of an application that exits with 0 %s', async (_, isReady) => {
    const supervisor = supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    for (let ends = 1; ends <= 3; ends++) {
      if (isReady) {
        await forked.at(-1)!.becomeReady();
      }
      forked.at(-1)!.exit(0);
      await settle();
      const warnings = logged.filter(text => text.includes('contexts'));
      expect(warnings).toHaveLength(ends < 3 ? 0 : 1);
      await clock.advance(30_000);
      expect(forked).toHaveLength(ends + 1);
    }
  });

  it('does not warn of one that crashes, nor of a host that stops', async () => {
    const supervisor = await started({ CLUSTER_WORKERS: '1' });
    for (let crashes = 1; crashes <= 4; crashes++) {
      forked.at(-1)!.exit(1);
      await clock.advance(30_000);
      await forked.at(-1)!.becomeReady();
    }
    supervisor.stop('SIGTERM');
    await settle();
    forked.at(-1)!.exit(0);
    await settle();
    expect(exits).toEqual([0]);
    expect(logged.join()).not.toContain('contexts');
  });

  it('does not warn of an application that closes itself now and then', async () => {
    await started();
    for (let closings = 1; closings <= 5; closings++) {
      await clock.advance(60_000);
      const worker = forked.at(-1)!;
      void worker.askToLeave('close').catch(() => {});
      await settle();
      worker.exit(0);
      await clock.advance(30_000);
      await forked.at(-1)!.becomeReady();
      await settle();
    }
    expect(logged.join()).not.toContain('CLUSTER_WORKERS=0');
  });

  it('exits with 0 from a clean stop, whatever had to be killed before', async () => {
    const supervisor = await started();
    void forked[1]!.ipc.ask('leave', 'close').catch(() => {});
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

/** Slot, generation and state of all workers. */
const everybody = (supervisor: Supervisor): unknown[] =>
  supervisor.status().workers.map(({ slot, generation, state }) => [slot, generation, state]);

/** Forked in a generation. */
const of = (generation: number): FakeWorkerProcess[] =>
  forked.filter(({ place }) => place.generation === generation);

const finished = (): unknown[] =>
  events.filter(({ type }) => type === 'reloadFinished').map(event => ({ ...event, at: 0 }));

/** Ends the workers that have been told to drain. */
async function leave(): Promise<void> {
  forked
    .filter(({ link, drainOrders }) => link.connected && drainOrders.length > 0)
    .forEach(worker => worker.exit(0));
  await settle();
}

async function becomeReady(worker: FakeWorkerProcess | undefined): Promise<void> {
  await worker!.becomeReady();
  await settle();
}

async function standBy(worker: FakeWorkerProcess | undefined): Promise<void> {
  await worker!.ipc.post({ type: 'standby' });
  await settle();
}

describe('a reload', () => {
  it('replaces one worker after the other, new before old', async () => {
    const supervisor = await started();
    supervisor.reload();
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [0, 1, 'booting'],
      [1, 0, 'ready'],
    ]);
    await becomeReady(of(1)[0]);
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'draining'],
      [0, 1, 'ready'],
      [1, 0, 'ready'],
    ]);
    expect(forked[0]!.drainOrders).toEqual([{ type: 'drain', cause: 'reload', timeout: 25_000 }]);
    // Not more than one too many.
    expect(of(1)).toHaveLength(1);
    await leave();
    await becomeReady(of(1)[1]);
    await leave();
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 1, 'ready'],
    ]);
    expect(supervisor.status()).toMatchObject({ generation: 1, wanted: 2 });
    expect(finished()).toMatchObject([{ outcome: 'done', generation: 1 }]);
    expect(supervisor.status().workers.map(({ restarts }) => restarts)).toEqual([0, 0]);
    expect(clock.pending).toBe(0);
  });

  it('replaces as many at the same time as maxSurge says, after the first', async () => {
    const supervisor = await started({ CLUSTER_WORKERS: '4', CLUSTER_RELOAD_MAX_SURGE: '3' });
    supervisor.reload();
    await settle();
    expect(of(1)).toHaveLength(1);
    await becomeReady(of(1)[0]);
    expect(of(1)).toHaveLength(3);
  });

  it('lets the first replacement prove itself, first waiting and then serving, before anybody goes', async () => {
    const supervisor = await started({ CLUSTER_RELOAD_SOAK: '5000' });
    supervisor.reload();
    await settle();
    await standBy(of(1)[0]);
    await clock.advance(2_499);
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [0, 1, 'standby'],
      [1, 0, 'ready'],
    ]);
    expect(of(1)[0]!.orders).toEqual([]);
    await clock.advance(1);
    expect(of(1)[0]!.orders).toEqual([{ type: 'promote', slot: 0 }]);
    await becomeReady(of(1)[0]);
    await clock.advance(2_499);
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [0, 1, 'ready'],
      [1, 0, 'ready'],
    ]);
    await clock.advance(1);
    expect(everybody(supervisor)[0]).toEqual([0, 0, 'draining']);
    await leave();
    await becomeReady(of(1)[1]);
    // The others need no proof.
    expect(everybody(supervisor)[1]).toEqual([1, 0, 'draining']);
  });

  it.each([
    ['fails to boot', async () => of(1)[0]!.exit(1), /failed to boot: it exited with code 1/],
    [
      'is not ready in time',
      async () => clock.advance(60_000),
      /was not ready within 60\.0 s \(boot\.timeout\)/,
    ],
    [
      'ends in the first half of its soak',
      async () => {
        await standBy(of(1)[0]);
        await clock.advance(500);
        of(1)[0]!.exit(0);
      },
      /crashed: it exited with code 0 after 0\.5 s/,
    ],
    [
      'ends in the second half',
      async () => {
        await standBy(of(1)[0]);
        await clock.advance(1_000);
        await becomeReady(of(1)[0]);
        of(1)[0]!.exit(0);
      },
      /crashed: it exited with code 0 after 1\.0 s/,
    ],
  ])('keeps every worker if the first replacement %s', async (_, fail, why) => {
    const supervisor = await started({ CLUSTER_RELOAD_SOAK: '2000' });
    supervisor.reload();
    await settle();
    await fail();
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [1, 0, 'ready'],
    ]);
    expect(finished()).toMatchObject([{ outcome: 'failed', generation: 1 }]);
    expect(logged.join('\n')).toMatch(why);
    expect(supervisor.status().generation).toBe(0);
    expect(clock.pending).toBe(0);

    supervisor.reload();
    await settle();
    // Its number is not given again.
    expect(of(2)).toHaveLength(1);
  });

  it('keeps the workers that it has not replaced when a later replacement fails', async () => {
    const supervisor = await started({ CLUSTER_WORKERS: '3' });
    supervisor.reload();
    await settle();
    await becomeReady(of(1)[0]);
    await leave();
    of(1)[1]!.exit(1);
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 0, 'ready'],
      [2, 0, 'ready'],
    ]);
  });

  it('comes to its end when new code fails that has been ready', async () => {
    const supervisor = await started({ CLUSTER_WORKERS: '3' });
    supervisor.reload();
    await settle();
    await becomeReady(of(1)[0]);
    await leave();
    of(1)[0]!.exit(1);
    await settle();
    expect(finished()).toMatchObject([{ outcome: 'failed' }]);
    // The one that was booting is of the same code.
    expect(of(1)[1]!.signals).toEqual(['SIGKILL']);
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'exited'],
      [1, 0, 'ready'],
      [2, 0, 'ready'],
    ]);
  });

  it('goes on when an old worker dies, and when one of the new is killed', async () => {
    const supervisor = await started({ CLUSTER_WORKERS: '3' });
    supervisor.reload();
    await settle();
    // Its replacement boots already, and has its slot.
    forked[0]!.exit(1);
    await settle();
    expect(everybody(supervisor)[0]).toEqual([0, 1, 'booting']);
    await becomeReady(of(1)[0]);
    // Not due yet.
    forked[2]!.exit(1);
    await settle();
    of(1)[0]!.exit(null, 'SIGKILL');
    await settle();
    while (finished().length === 0) {
      await clock.advance(100);
      for (const worker of of(1)) {
        await becomeReady(worker);
      }
      await leave();
    }
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 1, 'ready'],
      [2, 1, 'ready'],
    ]);
    expect(finished()).toMatchObject([{ outcome: 'done' }]);
  });

  it('is one more, however often it is asked for while one is under way', async () => {
    const supervisor = await started();
    for (let asked = 0; asked < 10; asked++) {
      supervisor.reload();
      await settle();
    }
    while (finished().length < 2) {
      for (const worker of forked) {
        await becomeReady(worker);
      }
      await leave();
    }
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 2, 'ready'],
      [1, 2, 'ready'],
    ]);
    expect(forked).toHaveLength(6);
  });

  it('needs the first replacement at once if its predecessor dies, and has no spare of it', async () => {
    const supervisor = await started({ CLUSTER_RELOAD_SOAK: '5000' });
    supervisor.reload();
    await settle();
    await standBy(of(1)[0]);
    forked[0]!.exit(1);
    await settle();
    expect(of(1)[0]!.orders).toEqual([{ type: 'promote', slot: 0 }]);
    await becomeReady(of(1)[0]);
    expect(everybody(supervisor)[0]).toEqual([0, 1, 'ready']);
  });

  it('soaks an application without a server while it works', async () => {
    await started({ CLUSTER_RELOAD_SOAK: '5000' });
    forked[0]!.ipc.ask('reload', null).catch(() => {});
    await settle();
    await of(1)[0]!.ipc.post({ type: 'unpromotable' });
    await settle();
    expect(of(1)[0]!.orders).toEqual([{ type: 'promote', slot: 1 }]);
  });

  it('replaces the worker last that waits for it, and answers it before it drains', async () => {
    await started();
    const answer = forked[0]!.ipc.ask('reload', null);
    await settle();
    expect(of(1)[0]!.place).toMatchObject({ slot: 1, generation: 1 });
    await becomeReady(of(1)[0]);
    await leave();
    expect(of(1)[1]!.place).toMatchObject({ slot: 0, generation: 1 });
    let drained = forked[0]!.drainOrders.length;
    const answered = answer.then(outcome => {
      drained = forked[0]!.drainOrders.length;
      return outcome;
    });
    await becomeReady(of(1)[1]);
    expect(await answered).toMatchObject({ type: 'done', value: { generation: 1 } });
    expect(drained).toBe(0);
    await settle();
    expect(forked[0]!.drainOrders).toHaveLength(1);
  });

  it('answers all who wait, and lets them drain together', async () => {
    const supervisor = await started();
    supervisor.scaleBy(1);
    const answers = forked.slice(0, 2).map(worker => worker.ipc.ask('reload', null));
    await settle();
    await becomeReady(forked[2]);
    expect(of(1)[0]!.place.slot).toBe(2);
    await becomeReady(of(1)[0]);
    await leave();
    await becomeReady(of(1)[1]);
    await becomeReady(of(1)[2]);
    const outcomes = await Promise.all(answers);
    expect(outcomes).toMatchObject([{ type: 'done' }, { type: 'done' }]);
    await settle();
    expect(forked.slice(0, 2).map(({ drainOrders }) => drainOrders.length)).toEqual([1, 1]);
  });

  it('tells who waits why it failed', async () => {
    await started();
    const answer = forked[0]!.ipc.ask('reload', null);
    await settle();
    of(1)[0]!.stderr.write('TypeError: no\n');
    await settle();
    of(1)[0]!.exit(1);
    expect(await answer).toMatchObject({
      type: 'failed',
      failure: {
        generation: 1,
        why: expect.stringContaining('Last error: TypeError: no'),
        worker: { slot: 1, reason: 'boot-failed', output: 'TypeError: no\n' },
      },
    });
  });

  it('gives way to a stop', async () => {
    const supervisor = await started();
    const answer = forked[0]!.ipc.ask('reload', null);
    await settle();
    await becomeReady(of(1)[0]);
    supervisor.stop('SIGTERM');
    await settle();
    expect(await answer).toEqual({ type: 'stopping' });
    expect(finished()).toMatchObject([{ outcome: 'stopped' }]);
    await leave();
    expect(exits).toEqual([0]);
    expect(clock.pending).toBe(0);
  });
});

describe('scaling', () => {
  it('adds workers at the top, and takes them from there', async () => {
    const supervisor = await started();
    const more = forked[0]!.ipc.ask('scale', 4);
    await settle();
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
      [2, 'booting'],
      [3, 'booting'],
    ]);
    await becomeReady(forked[2]);
    await becomeReady(forked[3]);
    expect(await more).toEqual({ type: 'done', value: 4 });
    const less = forked[3]!.ipc.ask('scale', 1);
    expect(await less).toEqual({ type: 'done', value: 1 });
    await settle();
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'draining'],
      [2, 'draining'],
      [3, 'draining'],
    ]);
    expect(forked[3]!.drainOrders).toMatchObject([{ cause: 'scale' }]);
    await leave();
    await clock.advance(60_000);
    expect(states(supervisor)).toEqual([[0, 'ready']]);
    expect(forked).toHaveLength(4);
  });

  it('gives a worker of a slot that was closed no offset of its predecessors', async () => {
    await started();
    const more = forked[0]!.ipc.ask('scale', 3);
    await settle();
    const old = forked[2]!;
    await becomeReady(old);
    await more;
    expect(await old.ipc.ask('offsets', null)).toEqual({});
    await old.ipc.post({ type: 'offsets', offsets: { sales: '5-1' } });
    const less = forked[0]!.ipc.ask('scale', 2);
    await less;
    await settle();
    await old.ipc.post({ type: 'offsets', offsets: { sales: '5-2' } });
    await leave();
    const again = forked[0]!.ipc.ask('scale', 3);
    await settle();
    expect(await forked[3]!.ipc.ask('offsets', null)).toEqual({});
    await becomeReady(forked[3]);
    await again;
    // A crash opens no slot: its successor goes on where it was.
    await forked[3]!.ipc.post({ type: 'offsets', offsets: { sales: '5-9' } });
    await settle();
    forked[3]!.exit(1);
    await clock.advance(60_000);
    expect(await forked[4]!.ipc.ask('offsets', null)).toEqual({ sales: '5-9' });
  });

  it('takes back what it has added if one of them fails', async () => {
    const supervisor = await started();
    const more = forked[0]!.ipc.ask('scale', 4);
    await settle();
    await becomeReady(forked[3]);
    forked[2]!.exit(1);
    await settle();
    await leave();
    expect(await more).toMatchObject({ type: 'failed', failure: { worker: { slot: 2 } } });
    await clock.advance(60_000);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
    expect(forked).toHaveLength(4);
  });

  it('waits for its turn during a reload, and has its workers of the new generation', async () => {
    const supervisor = await started();
    supervisor.reload();
    supervisor.scaleBy(1);
    while (supervisor.status().workers.length < 3 || finished().length === 0) {
      await settle();
      for (const worker of forked) {
        await becomeReady(worker);
      }
      await leave();
    }
    await becomeReady(forked.at(-1));
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 1, 'ready'],
      [2, 1, 'ready'],
    ]);
  });

  it('leaves at least one worker', async () => {
    const supervisor = await started({ CLUSTER_WORKERS: '1' });
    supervisor.scaleBy(-1);
    await settle();
    expect(states(supervisor)).toEqual([[0, 'ready']]);
  });
});

describe('a worker that hangs', () => {
  it('is replaced, and killed when it is known where it hangs', async () => {
    stack = '    at spin (file:///app/main.js:1:2)';
    const supervisor = await started({
      CLUSTER_HEARTBEAT_INTERVAL: '1000',
      CLUSTER_HEARTBEAT_TIMEOUT: '5000',
    });
    const vitals = { memory: 1, requests: 2, eventLoopDelay: 3, ...CALM };
    await clock.advance(2_000);
    expect(supervisor.status().workers).toMatchObject([
      { heartbeatOverdue: 1_000 },
      { heartbeatOverdue: 1_000 },
    ]);
    forked.forEach(({ ipc }) => ipc.offer({ type: 'heartbeat', vitals }));
    await settle();
    expect(supervisor.status().workers[0]).not.toHaveProperty('heartbeatOverdue');
    for (let second = 0; second < 20; second++) {
      await clock.advance(1_000);
      forked[0]!.ipc.offer({ type: 'heartbeat', vitals });
      await settle();
      if (second < 5) {
        forked[1]!.ipc.offer({ type: 'heartbeat', vitals });
        await settle();
      }
    }
    expect(supervisor.status().workers[0]).toMatchObject({ state: 'ready', vitals });
    expect(forked[1]!.signals).toEqual(['SIGKILL']);
    expect(events.filter(({ type }) => type === 'workerExited')).toMatchObject([
      { reason: 'hung', slot: 1 },
    ]);
    expect(logged.join('\n')).toMatch(/did not send a heartbeat for 5\.0 s.*at spin/s);
    expect(forked[2]!.place.slot).toBe(1);
  });
});

/** More than the primary keeps. */
async function talkOn(worker: FakeWorkerProcess): Promise<void> {
  for (let line = 0; line < 80 && worker.stdout.write(Buffer.alloc(65_536, '.\n')); line++) {
    await settle();
  }
}

const told = (type: ClusterEvent['type']): ClusterEvent[] =>
  events.filter(event => event.type === type);

describe('a worker whose output is not read', () => {
  const env = { CLUSTER_HEARTBEAT_INTERVAL: '1000', CLUSTER_HEARTBEAT_TIMEOUT: '5000' };

  it('is not taken for hung, for as long as it may be waiting', async () => {
    const supervisor = await started(env);
    outputs.logs.stdout.stopReading();
    await talkOn(forked[0]!);
    expect(told('workerOutputPaused')).toMatchObject([{ slot: 0, stream: 'stdout' }]);
    expect(supervisor.status().workers[0]).toMatchObject({ isOutputPaused: true, serves: true });
    expect(supervisor.status().workers[1]).not.toHaveProperty('isOutputPaused');
    const { ipc } = forked[1]!;
    const vitals = { memory: 1, requests: 2, eventLoopDelay: 3, ...CALM };
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000);
      ipc.offer({ type: 'heartbeat', vitals });
      await settle();
    }
    expect(supervisor.status().workers[0]).not.toHaveProperty('heartbeatOverdue');
    expect(told('workerExited')).toEqual([]);

    outputs.logs.stdout.read();
    await settle();
    expect(told('workerOutputResumed')).toMatchObject([
      { slot: 0, stream: 'stdout', duration: 60_000 },
    ]);
    expect(supervisor.status().workers[0]).not.toHaveProperty('isOutputPaused');
    expect(logged.join('\n')).toContain('was not read for 60.0 s');
    await clock.advance(6_000);
    expect(told('workerExited')).toMatchObject([{ reason: 'hung' }, { reason: 'hung' }]);
  });

  it('has its time to boot for itself', async () => {
    const supervisor = supervise({ CLUSTER_WORKERS: '1', CLUSTER_BOOT_TIMEOUT: '10000' });
    void supervisor.start();
    outputs.logs.stdout.stopReading();
    await talkOn(forked[0]!);
    await clock.advance(60_000);
    expect(forked[0]!.signals).toEqual([]);
    outputs.logs.stdout.read();
    await settle();
    await clock.advance(9_000);
    expect(forked[0]!.signals).toEqual([]);
    await clock.advance(1_000);
    expect(forked[0]!.signals).toEqual(['SIGKILL']);
  });

  it('is not kept waiting when it is to leave, and what is lost is counted', async () => {
    const supervisor = await started(env);
    outputs.logs.stdout.stopReading();
    await talkOn(forked[0]!);
    expect(supervisor.status().discardedOutput).toBe(0);
    supervisor.stop('SIGTERM');
    await settle();
    expect(told('workerOutputResumed')).toHaveLength(1);
    await talkOn(forked[0]!);
    expect(supervisor.status().discardedOutput).toBeGreaterThan(0);
    expect(told('workerOutputPaused')).toHaveLength(1);
  });
});

describe('a worker that reaches a recycling limit', () => {
  const old = { memory: 1, requests: 1_000, eventLoopDelay: 0, ...CALM };
  const limits = { CLUSTER_RECYCLE_MAX_REQUESTS: '1000', CLUSTER_HEARTBEAT_INTERVAL: '60000000' };
  const env = { ...limits, CLUSTER_HEARTBEAT_TIMEOUT: '120000000' };

  it('is replaced, one at a time, new before old', async () => {
    const supervisor = await started(env);
    forked.forEach(worker => worker.ipc.offer({ type: 'heartbeat', vitals: old }));
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [0, 0, 'booting'],
      [1, 0, 'ready'],
    ]);
    await becomeReady(forked[2]);
    expect(forked[0]!.drainOrders).toMatchObject([{ cause: 'recycle' }]);
    await leave();
    await becomeReady(forked[3]);
    await leave();
    expect(forked.slice(2).map(({ place }) => place.slot)).toEqual([0, 1]);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
  });

  it('serves on if its replacement fails, and is tried again after a while', async () => {
    const supervisor = await started(env);
    const beat = async (): Promise<void> => {
      forked[0]!.ipc.offer({ type: 'heartbeat', vitals: old });
      await settle();
    };
    await beat();
    forked[2]!.exit(1);
    await settle();
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
    await beat();
    expect(forked).toHaveLength(3);
    await clock.advance(60_000);
    await beat();
    expect(forked).toHaveLength(4);
  });
});

describe('a spare', () => {
  const env = { CLUSTER_SPARE: '1' };

  async function withSpare(): Promise<Supervisor> {
    const supervisor = await started(env);
    await forked[2]!.ipc.post({ type: 'standby' });
    await settle();
    return supervisor;
  }

  it('boots when all workers are ready, and has no slot', async () => {
    const supervisor = await withSpare();
    expect(forked[2]!.place.slot).toBe(-1);
    expect(supervisor.status()).toMatchObject({
      wanted: 2,
      workers: [{ slot: 0 }, { slot: 1 }],
      spares: [{ slot: -1, state: 'standby' }],
    });
  });

  it('takes the place of a worker that dies, at once, and is followed by another one', async () => {
    const supervisor = await withSpare();
    forked[1]!.exit(1);
    await settle();
    expect(forked[2]!.orders).toEqual([{ type: 'promote', slot: 1 }]);
    await becomeReady(forked[2]);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
    expect(supervisor.status().workers[1]).toMatchObject({ pid: forked[2]!.pid, restarts: 1 });
    await clock.advance(100);
    expect(forked).toHaveLength(4);
    expect(forked[3]!.place.slot).toBe(-1);
  });

  it('follows a reload, and stays the old one if that fails', async () => {
    const supervisor = await withSpare();
    supervisor.reload();
    await settle();
    of(1)[0]!.exit(1);
    await settle();
    expect(forked[2]!.drainOrders).toEqual([]);
    supervisor.reload();
    while (finished().length < 2) {
      await settle();
      for (const worker of of(2)) {
        await becomeReady(worker);
      }
      await leave();
    }
    await settle();
    expect(forked[2]!.drainOrders).toHaveLength(1);
    expect(of(2).map(({ place }) => place.slot)).toEqual([0, 1, -1]);
  });

  it('is tried again later and later if it fails', async () => {
    await started(env);
    forked[2]!.exit(1);
    await settle();
    await clock.advance(100);
    expect(forked).toHaveLength(4);
  });

  it('is none where there is nothing to begin later', async () => {
    await started(env);
    void forked[2]!.ipc.post({ type: 'unpromotable' });
    await settle();
    forked[2]!.exit(0);
    await settle();
    await clock.advance(60_000);
    expect(forked).toHaveLength(3);
    expect(logged.join('\n')).toMatch(/Spares are disabled/);
  });

  it('leaves with the others in a stop', async () => {
    const supervisor = await withSpare();
    supervisor.stop('SIGTERM');
    await settle();
    await leave();
    expect(exits).toEqual([0]);
    expect(clock.pending).toBe(0);
  });
});

/** Two workers wait for the same reload, and so go last; slot 2 has been replaced. */
async function twoWait(): Promise<[Supervisor, Promise<unknown>]> {
  const supervisor = await started();
  supervisor.scaleBy(1);
  const answers = forked.slice(0, 2).map(worker => worker.ipc.ask('reload', null));
  await settle();
  await becomeReady(forked[2]);
  await becomeReady(of(1)[0]);
  await leave();
  return [supervisor, Promise.all(answers)];
}

describe('what may happen in between', () => {
  const vitals = { memory: 100_000_000, requests: 0, eventLoopDelay: 0, ...CALM };
  const fast = { CLUSTER_HEARTBEAT_INTERVAL: '1000', CLUSTER_HEARTBEAT_TIMEOUT: '5000' };

  it('a replacement that is killed while it is held back gets a successor, and no slot stays empty', async () => {
    const [supervisor, answers] = await twoWait();
    await becomeReady(of(1)[1]);
    of(1)[1]!.exit(null, 'SIGKILL');
    await settle();
    await becomeReady(of(1)[2]);
    await becomeReady(of(1)[3]);
    expect(await answers).toMatchObject([{ type: 'done' }, { type: 'done' }]);
    await settle();
    await leave();
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 1, 'ready'],
      [2, 1, 'ready'],
    ]);
  });

  it('a replacement that serves already drains when another one fails', async () => {
    const [supervisor] = await twoWait();
    await becomeReady(of(1)[1]);
    of(1)[2]!.exit(1);
    await settle();
    expect(of(1)[1]!.signals).toEqual([]);
    expect(of(1)[1]!.drainOrders).toHaveLength(1);
    expect(supervisor.status().generation).toBe(1);
  });

  it('a canary that serves drains when the new code fails elsewhere', async () => {
    const supervisor = await started({ CLUSTER_RELOAD_SOAK: '30000' });
    supervisor.reload();
    await settle();
    await becomeReady(of(1)[0]);
    forked[1]!.exit(1);
    await settle();
    await clock.advance(100);
    of(1)[1]!.exit(1);
    await settle();
    expect(of(1)[0]!.signals).toEqual([]);
    expect(of(1)[0]!.drainOrders).toHaveLength(1);
  });

  it('a canary that is sent a signal leaves, and another one takes its place', async () => {
    const supervisor = await started({ CLUSTER_RELOAD_SOAK: '5000' });
    supervisor.reload();
    await settle();
    await becomeReady(of(1)[0]);
    const terms = of(1)[0]!.askToLeave();
    await settle();
    await clock.advance(50);
    await terms;
    expect(of(1)[0]!.signals).toEqual([]);
    of(1)[0]!.exit(0);
    await settle();
    expect(finished()).toEqual([]);
    expect(of(1)).toHaveLength(2);
  });

  it('a canary that closes itself ends the reload', async () => {
    const supervisor = await started({ CLUSTER_RELOAD_SOAK: '5000' });
    supervisor.reload();
    await settle();
    await becomeReady(of(1)[0]);
    await of(1)[0]!.ipc.ask('leave', 'close');
    of(1)[0]!.exit(0);
    await settle();
    expect(finished()).toMatchObject([{ outcome: 'failed' }]);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
  });

  it('a reload does not fail for a signal to a worker that boots', async () => {
    const supervisor = await started();
    supervisor.reload();
    await settle();
    of(1)[0]!.exit(null, 'SIGTERM');
    await settle();
    await becomeReady(of(1)[1]);
    await leave();
    await becomeReady(of(1)[2]);
    await leave();
    expect(finished()).toMatchObject([{ outcome: 'done' }]);
  });

  it('scaling does not fail for a signal to a worker that boots, but for one that then fails', async () => {
    const supervisor = await started();
    supervisor.scaleBy(1);
    await settle();
    forked[2]!.exit(null, 'SIGTERM');
    await settle();
    await clock.advance(100);
    await becomeReady(forked[3]);
    expect(supervisor.status()).toMatchObject({ wanted: 3, ready: 3 });
    supervisor.scaleBy(1);
    await settle();
    forked[4]!.exit(null, 'SIGTERM');
    await settle();
    await clock.advance(100);
    forked[5]!.exit(1);
    await settle();
    expect(logged.join('\n')).toMatch(/3 workers as before|still running 3/);
  });

  it('a slot that cannot boot keeps nobody from reloading and scaling', async () => {
    const supervisor = supervise();
    void supervisor.start();
    await settle();
    await becomeReady(forked[0]);
    forked[1]!.exit(1);
    await settle();
    supervisor.reload();
    await settle();
    await becomeReady(of(1)[0]);
    await leave();
    await becomeReady(of(1)[1]);
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 1, 'ready'],
    ]);
  });

  it('a promoted spare that does not become ready is killed in time', async () => {
    const supervisor = await started({ CLUSTER_SPARE: '1' });
    await forked[2]!.ipc.post({ type: 'standby' });
    await settle();
    supervisor.scaleBy(1);
    supervisor.reload();
    await settle();
    await clock.advance(60_000);
    expect(forked[2]!.signals).toEqual(['SIGKILL']);
    expect(of(1).length).toBeGreaterThan(0);
  });

  it('a spare that is promoted during a reload does not end it', async () => {
    const supervisor = await started({ CLUSTER_SPARE: '1' });
    forked[2]!.exit(1);
    await settle();
    supervisor.reload();
    await settle();
    await clock.advance(100);
    const spare = of(1).find(({ place }) => place.slot === -1)!;
    await spare.ipc.post({ type: 'standby' });
    await settle();
    forked[1]!.exit(1);
    await settle();
    await becomeReady(of(1)[0]);
    await leave();
    expect(spare.signals).toEqual([]);
    await becomeReady(spare);
    expect(finished()).toMatchObject([{ outcome: 'done' }]);
    expect(supervisor.status().workers).toMatchObject([{ state: 'ready' }, { state: 'ready' }]);
  });

  it('a spare that leaves on a signal is followed by another one', async () => {
    await started({ CLUSTER_SPARE: '1' });
    await forked[2]!.ipc.post({ type: 'standby' });
    await settle();
    const terms = forked[2]!.askToLeave();
    await settle();
    await clock.advance(50);
    await terms;
    forked[2]!.exit(0);
    await settle();
    await clock.advance(0);
    expect(forked).toHaveLength(4);
  });

  it('a spare that scaling has promoted hands on how far it has got', async () => {
    const supervisor = await started({ CLUSTER_SPARE: '1' });
    await forked[2]!.ipc.ask('offsets', null);
    await forked[2]!.ipc.post({ type: 'standby' });
    await settle();
    supervisor.scaleBy(1);
    await settle();
    await becomeReady(forked[2]);
    await forked[2]!.ipc.post({ type: 'offsets', offsets: { sales: '5-7' } });
    await settle();
    forked[2]!.exit(1);
    await settle();
    await clock.advance(100);
    const next = forked.find(({ place, link }) => place.slot === 2 && link.connected);
    expect(await next!.ipc.ask('offsets', null)).toEqual({ sales: '5-7' });
  });

  it('two spares without a server are one warning', async () => {
    await started({ CLUSTER_SPARE: '2' });
    void forked[2]!.ipc.post({ type: 'unpromotable' });
    void forked[3]!.ipc.post({ type: 'unpromotable' });
    await settle();
    expect(logged.filter(text => /Spares are disabled/.test(text))).toHaveLength(1);
  });

  it('a worker that says anything lives', async () => {
    await started(fast);
    for (let second = 0; second < 20; second++) {
      await clock.advance(1_000);
      await Promise.all(forked.map(worker => worker.ipc.ask('status', null)));
    }
    expect(forked.map(({ signals }) => signals)).toEqual([[], []]);
  });

  it('a worker lives whose messages are ignored because they make no sense', async () => {
    await started(fast);
    for (let second = 0; second < 20; second++) {
      await clock.advance(1_000);
      forked[0]!.link.emit('message', {
        'nestjs-cluster': [{ message: { type: 'heartbeat', vitals: { memory: 'much' } } }],
      });
      forked[1]!.link.emit('message', { 'nestjs-cluster': null });
    }
    expect(forked.map(({ signals }) => signals)).toEqual([[], []]);
  });

  it('recycling does not go round and round where a new worker is too large already', async () => {
    await started({
      CLUSTER_RECYCLE_MAX_MEMORY: '1000',
      CLUSTER_HEARTBEAT_INTERVAL: '60000000',
      CLUSTER_HEARTBEAT_TIMEOUT: '120000000',
    });
    for (let second = 0; second < 30; second++) {
      for (const worker of forked.filter(({ link }) => link.connected)) {
        await becomeReady(worker);
        worker.ipc.offer({ type: 'heartbeat', vitals });
      }
      await settle();
      await leave();
      await clock.advance(1_000);
    }
    expect(forked.length).toBeLessThan(6);
    expect(logged.join('\n')).toMatch(/Raise recycle\.maxMemory, or run fewer workers/);
  });

  it('the only worker that takes connections waits for one that is overloaded', async () => {
    await started();
    expect(await forked[0]!.ipc.ask('overloaded', 500)).toBe(true);
    let left = false;
    void forked[1]!.ipc.ask('leave', 'close').then(() => (left = true));
    await clock.advance(1);
    await settle();
    expect(left).toBe(false);
    expect(forked[0]!.orders).toEqual([{ type: 'open' }]);
    await forked[0]!.ipc.post({ type: 'recovered' });
    await settle();
    expect(left).toBe(true);
  });

  it('the generation is the newest that there are workers of', async () => {
    const supervisor = await started({ CLUSTER_WORKERS: '3' });
    supervisor.reload();
    await settle();
    await becomeReady(of(1)[0]);
    await leave();
    of(1)[1]!.exit(1);
    await settle();
    expect(supervisor.status().generation).toBe(1);
  });

  it('a worker that crashes while it drains makes a stop unclean', async () => {
    const supervisor = await started();
    supervisor.stop('SIGTERM');
    await settle();
    forked[0]!.exit(1);
    forked[1]!.exit(0);
    await settle();
    expect(exits).toEqual([1]);
  });
});

describe('a worker of another version', () => {
  it.each([
    ['a newer one', { protocol: 99, version: '9.9.9' }, /nestjs-cluster 9\.9\.9 \(protocol 99\)/],
    ['an older one, which tells none', null, /an older nestjs-cluster/],
  ])('fails a reload, and those that serve stay: %s', async (_, other, described) => {
    const supervisor = await started();
    const before = [...forked];
    hello = other;
    supervisor.reload();
    await settle();
    await forked.at(-1)!.becomeReady();
    await settle();
    expect(forked.at(-1)!.signals).toEqual(['SIGKILL']);
    const [ending] = events.filter(event => event.type === 'reloadFinished');
    expect(ending).toMatchObject({ outcome: 'failed' });
    expect(ending?.error).toMatch(described);
    expect(ending?.error).toMatch(/Restart the host/);
    expect(before.map(({ signals }) => signals)).toEqual([[], []]);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
  });

  it('is a failed boot, as any other', async () => {
    hello = null;
    const supervisor = await started();
    expect(events.filter(event => event.type === 'workerExited')).toMatchObject([
      { reason: 'boot-failed' },
      { reason: 'boot-failed' },
    ]);
    expect(supervisor.status().workers[0]?.lastExit?.error).toMatch(/Restart the host/);
  });
});
