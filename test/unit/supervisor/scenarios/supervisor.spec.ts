import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../../support/fakes/fake-clock.js';
import { CALM, states, SupervisedHost } from '../../../support/fakes/supervised-host.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('Supervisor', () => {
  it('forks a worker for each slot and knows when all are ready', async () => {
    const supervisor = host.supervise();
    const start = supervisor.start();
    await settle();
    expect(host.forked.map(({ place }) => place)).toEqual([
      { slot: 0, generation: 0, standsBy: false, isQuiet: false },
      { slot: 1, generation: 0, standsBy: false, isQuiet: true },
    ]);
    expect(states(supervisor)).toEqual([
      [0, 'booting'],
      [1, 'booting'],
    ]);
    await Promise.all(host.forked.map(worker => worker.becomeReady()));
    await start;
    expect(host.logged.at(-1)).toMatch(/2 workers ready/);
  });

  it('counts its uptime from the start of the host, which may be earlier', () => {
    expect(host.supervise({}, host.clock.now() - 1_500).status().uptime).toBe(1_500);
  });

  it('names the namespace and its origin when it starts', () => {
    void host.supervise({ CLUSTER_NAMESPACE: 'shop' }).start();
    expect(host.logged[0]).toMatch(
      /^Primary \d+ starts 2 workers \(.*\)\. Namespace shop \(CLUSTER_NAMESPACE\)$/,
    );
  });

  it('replaces a crashed worker in its slot, later and later the more often it fails', async () => {
    const supervisor = await host.started();
    for (let failures = 1; failures <= 8; failures++) {
      host.forked.at(-1)!.exit(1);
      await settle();
      expect(states(supervisor)).toEqual([
        [0, 'ready'],
        [1, 'exited'],
      ]);
      const before = host.forked.length;
      await host.clock.advance(Math.min(30_000, 100 * 2 ** (failures - 1)));
      expect(host.forked).toHaveLength(before + 1);
      await host.forked.at(-1)!.becomeReady();
      await settle();
    }
    expect(supervisor.status().workers[1]).toMatchObject({
      slot: 1,
      restarts: 8,
      lastExit: { reason: 'crashed', code: 1 },
    });
  });

  it('tells how many workers are ready, and how many had to be replaced lately', async () => {
    const supervisor = host.supervise();
    void supervisor.start();
    await settle();
    await host.forked[0]!.becomeReady();
    expect(supervisor.status()).toMatchObject({ wanted: 2, ready: 1, hasStarted: false });
    await host.forked[1]!.becomeReady();
    await settle();
    expect(supervisor.status()).toMatchObject({ ready: 2, hasStarted: true, recentRestarts: 0 });
    host.forked[0]!.exit(1);
    await host.clock.advance(200);
    expect(supervisor.status()).toMatchObject({ ready: 1, hasStarted: true, recentRestarts: 1 });
    await host.forked[2]!.becomeReady();
    await host.clock.advance(60_000);
    expect(supervisor.status()).toMatchObject({ recentRestarts: 0 });
  });

  it('does not tell how a worker was doing while it booted', async () => {
    const supervisor = host.supervise();
    void supervisor.start();
    await settle();
    const vitals = {
      memory: 1,
      requests: 0,
      ...CALM,
      eventLoopDelay: 9_000,
      eventLoopDelayP99: 9_000,
    };
    host.forked[0]!.ipc.offer({ type: 'heartbeat', vitals });
    await host.forked[0]!.becomeReady();
    await settle();
    expect(supervisor.status().workers[0]).not.toHaveProperty('vitals');
    host.forked[0]!.ipc.offer({ type: 'heartbeat', vitals });
    await settle();
    expect(supervisor.status().workers[0]).toMatchObject({ vitals });
  });
});
