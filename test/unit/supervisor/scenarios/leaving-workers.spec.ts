import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../../support/fakes/fake-clock.js';
import type { FakeWorkerProcess } from '../../../support/fakes/fake-worker-process.js';
import { states, SupervisedHost } from '../../../support/fakes/supervised-host.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a worker that leaves by itself', () => {
  it('replaces a worker that was sent a signal, and lets it leave when the next one serves', async () => {
    const supervisor = await host.started();
    let answered = false;
    const terms = host.forked[1]!.askToLeave().finally(() => (answered = true));
    await settle();
    await host.clock.advance(150);
    expect(host.forked).toHaveLength(3);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
      [1, 'booting'],
    ]);
    expect(answered).toBe(false);
    await host.forked[2]!.becomeReady();
    expect(await terms).toEqual({ cause: 'signal', timeout: 25_000 });
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'draining'],
      [1, 'ready'],
    ]);
    host.forked[1]!.exit(0);
    await settle();
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
  });

  it('lets a worker that was sent a signal leave if the next one fails to boot', async () => {
    await host.started();
    const terms = host.forked[1]!.askToLeave();
    await settle();
    await host.clock.advance(150);
    host.forked[2]!.exit(1);
    expect(await terms).toMatchObject({ cause: 'signal' });
  });

  it('lets a worker that was sent a signal leave after the timeout, whatever happens', async () => {
    await host.started();
    const terms = host.forked[1]!.askToLeave();
    await settle();
    await host.clock.advance(25_060);
    expect(await terms).toMatchObject({ cause: 'signal' });
  });

  it('keeps a worker that closes itself when the only other one dies while it waits', async () => {
    await host.started();
    expect(await host.forked[0]!.ipc.ask('overloaded', 500)).toBe(true);
    let answered = false;
    const terms = host.forked[1]!.ipc.ask('leave', 'close').finally(() => (answered = true));
    await host.clock.advance(1);
    await settle();
    expect(host.forked[0]!.orders).toEqual([{ type: 'open' }]);
    host.forked[0]!.exit(null, 'SIGKILL');
    await host.clock.advance(10_000);
    expect(answered).toBe(false);
    await host.forked.at(-1)!.becomeReady();
    expect(await terms).toMatchObject({ cause: 'close' });
  });

  it('keeps one of two workers that were sent a signal at the same time', async () => {
    const supervisor = await host.started();
    const leaves = [0, 1].map(async index => {
      await host.forked[index]!.ipc.ask('leave', 'close', 60_000);
      return index;
    });
    expect(await Promise.race(leaves)).toBe(0);
    await host.clock.advance(10_000);
    expect(supervisor.status().workers).toMatchObject([
      { slot: 0, state: 'draining' },
      { slot: 0, state: 'booting' },
      { slot: 1, state: 'ready' },
      { slot: 1, state: 'booting' },
    ]);
    await host.forked.at(-1)!.becomeReady();
    expect(await Promise.all(leaves)).toEqual([0, 1]);
  });

  it('does not drain the worker that a reload has replaced if the new one dies at once', async () => {
    const supervisor = await host.started({ CLUSTER_WORKERS: '1' });
    supervisor.reload();
    await settle();
    await host.forked[1]!.becomeReady();
    host.forked[1]!.exit(null, 'SIGKILL');
    await settle();
    await host.clock.advance(1_000);
    expect(host.forked[0]!.drainOrders).toHaveLength(0);
  });

  it.each([
    ['by default', async (worker: FakeWorkerProcess) => worker.exit(null, 'SIGTERM')],
    [
      'by itself',
      async (worker: FakeWorkerProcess) => {
        void worker.askToLeave();
        await settle();
        await host.clock.advance(50);
        worker.exit(0);
      },
    ],
  ])(
    'does not take a SIGTERM to a booting worker for a failed boot: it ends %s',
    async (_, end) => {
      const supervisor = host.supervise({ CLUSTER_RESTART_GIVE_UP_AFTER: '2' });
      void supervisor.start();
      for (let times = 0; times < 5; times++) {
        await settle();
        await Promise.all(host.forked.slice(-2).map(end));
        await settle();
        await host.clock.advance(150);
      }
      expect(host.exits).toEqual([]);
      expect(host.forked).toHaveLength(12);
      expect(host.events.filter(({ type }) => type === 'workerExited')).toMatchObject(
        Array.from({ length: 10 }, () => ({ reason: 'left' })),
      );
      expect(host.logged.join('\n')).not.toMatch(/failed/);
    },
  );

  it('takes an application that ends itself while it boots for a failed boot', async () => {
    const supervisor = host.supervise();
    void supervisor.start();
    await settle();
    host.forked[0]!.exit(0);
    await settle();
    expect(host.events.at(-1)).toMatchObject({ type: 'workerExited', reason: 'boot-failed' });
  });

  it('starts an application that closes itself later and later, and warns once', async () => {
    await host.started();
    for (let closings = 1; closings <= 8; closings++) {
      const worker = host.forked.at(-1)!;
      void worker.askToLeave('close').catch(() => {});
      await settle();
      worker.exit(0);
      await settle();
      const warnings = host.logged.filter(text =>
        /createApplicationContext.* contexts /.test(text),
      );
      expect(warnings).toHaveLength(closings < 3 ? 0 : 1);
      const before = host.forked.length;
      await host.clock.advance(Math.min(30_000, 100 * 2 ** (closings - 1)));
      expect(host.forked).toHaveLength(before + 1);
      await host.forked.at(-1)!.becomeReady();
      await settle();
    }
  });

  it.each([
    ['soon after it was ready', true],
    ['before it was ready', false],
  ])('warns of an application that exits with 0 %s', async (_, isReady) => {
    const supervisor = host.supervise({ CLUSTER_WORKERS: '1' });
    void supervisor.start();
    await settle();
    for (let ends = 1; ends <= 3; ends++) {
      if (isReady) {
        await host.forked.at(-1)!.becomeReady();
      }
      host.forked.at(-1)!.exit(0);
      await settle();
      const warnings = host.logged.filter(text => text.includes('contexts'));
      expect(warnings).toHaveLength(ends < 3 ? 0 : 1);
      await host.clock.advance(30_000);
      expect(host.forked).toHaveLength(ends + 1);
    }
  });

  it('does not warn of one that crashes, nor of a host that stops', async () => {
    const supervisor = await host.started({ CLUSTER_WORKERS: '1' });
    for (let crashes = 1; crashes <= 4; crashes++) {
      host.forked.at(-1)!.exit(1);
      await host.clock.advance(30_000);
      await host.forked.at(-1)!.becomeReady();
    }
    supervisor.stop('SIGTERM');
    await settle();
    host.forked.at(-1)!.exit(0);
    await settle();
    expect(host.exits).toEqual([0]);
    expect(host.logged.join()).not.toContain('contexts');
  });

  it('does not warn of an application that closes itself now and then', async () => {
    await host.started();
    for (let closings = 1; closings <= 5; closings++) {
      await host.clock.advance(60_000);
      const worker = host.forked.at(-1)!;
      void worker.askToLeave('close').catch(() => {});
      await settle();
      worker.exit(0);
      await host.clock.advance(30_000);
      await host.forked.at(-1)!.becomeReady();
      await settle();
    }
    expect(host.logged.join()).not.toContain('CLUSTER_WORKERS=0');
  });

  it('has the last ready worker serve on until its replacement is ready', async () => {
    const supervisor = await host.started({ CLUSTER_WORKERS: '1' });
    let answered = false;
    const terms = host.forked[0]!.askToLeave().finally(() => (answered = true));
    await settle();
    await host.clock.advance(1_000);
    expect(host.forked).toHaveLength(2);
    expect(answered).toBe(false);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [0, 'booting'],
    ]);
    await host.forked[1]!.becomeReady();
    await terms;
    expect(states(supervisor)).toEqual([
      [0, 'draining'],
      [0, 'ready'],
    ]);
  });
});
