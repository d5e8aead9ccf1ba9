import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../../support/fakes/fake-clock.js';
import {
  becomeReady,
  everybody,
  standBy,
  SupervisedHost,
} from '../../../support/fakes/supervised-host.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a reload', () => {
  it('replaces one worker after the other, new before old', async () => {
    const supervisor = await host.started();
    supervisor.reload();
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [0, 1, 'booting'],
      [1, 0, 'ready'],
    ]);
    await becomeReady(host.of(1)[0]);
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'draining'],
      [0, 1, 'ready'],
      [1, 0, 'ready'],
    ]);
    expect(host.forked[0]!.drainOrders).toEqual([
      { type: 'drain', cause: 'reload', timeout: 25_000 },
    ]);
    // Not more than one too many.
    expect(host.of(1)).toHaveLength(1);
    await host.leave();
    await becomeReady(host.of(1)[1]);
    await host.leave();
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 1, 'ready'],
    ]);
    expect(supervisor.status()).toMatchObject({ generation: 1, wanted: 2 });
    expect(host.finished()).toMatchObject([{ outcome: 'done', generation: 1 }]);
    expect(supervisor.status().workers.map(({ restarts }) => restarts)).toEqual([0, 0]);
    expect(host.clock.pending).toBe(0);
  });

  it('replaces as many at the same time as maxSurge says, after the first', async () => {
    const supervisor = await host.started({ CLUSTER_WORKERS: '4', CLUSTER_RELOAD_MAX_SURGE: '3' });
    supervisor.reload();
    await settle();
    expect(host.of(1)).toHaveLength(1);
    await becomeReady(host.of(1)[0]);
    expect(host.of(1)).toHaveLength(3);
  });

  it('lets the first replacement prove itself, first waiting and then serving, before anybody goes', async () => {
    const supervisor = await host.started({ CLUSTER_RELOAD_SOAK: '5000' });
    supervisor.reload();
    await settle();
    await standBy(host.of(1)[0]);
    await host.clock.advance(2_499);
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [0, 1, 'standby'],
      [1, 0, 'ready'],
    ]);
    expect(host.of(1)[0]!.orders).toEqual([]);
    await host.clock.advance(1);
    expect(host.of(1)[0]!.orders).toEqual([{ type: 'promote', slot: 0 }]);
    await becomeReady(host.of(1)[0]);
    await host.clock.advance(2_499);
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [0, 1, 'ready'],
      [1, 0, 'ready'],
    ]);
    await host.clock.advance(1);
    expect(everybody(supervisor)[0]).toEqual([0, 0, 'draining']);
    await host.leave();
    await becomeReady(host.of(1)[1]);
    // The others need no proof.
    expect(everybody(supervisor)[1]).toEqual([1, 0, 'draining']);
  });

  it.each([
    ['fails to boot', async () => host.of(1)[0]!.exit(1), /failed to boot: it exited with code 1/],
    [
      'is not ready in time',
      async () => host.clock.advance(60_000),
      /was not ready within 60\.0 s \(boot\.timeout\)/,
    ],
    [
      'ends in the first half of its soak',
      async () => {
        await standBy(host.of(1)[0]);
        await host.clock.advance(500);
        host.of(1)[0]!.exit(0);
      },
      /crashed: it exited with code 0 after 0\.5 s/,
    ],
    [
      'ends in the second half',
      async () => {
        await standBy(host.of(1)[0]);
        await host.clock.advance(1_000);
        await becomeReady(host.of(1)[0]);
        host.of(1)[0]!.exit(0);
      },
      /crashed: it exited with code 0 after 1\.0 s/,
    ],
  ])('keeps every worker if the first replacement %s', async (_, fail, why) => {
    const supervisor = await host.started({ CLUSTER_RELOAD_SOAK: '2000' });
    supervisor.reload();
    await settle();
    await fail();
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [1, 0, 'ready'],
    ]);
    expect(host.finished()).toMatchObject([{ outcome: 'failed', generation: 1 }]);
    expect(host.logged.join('\n')).toMatch(why);
    expect(supervisor.status().generation).toBe(0);
    expect(host.clock.pending).toBe(0);

    supervisor.reload();
    await settle();
    // Its number is not given again.
    expect(host.of(2)).toHaveLength(1);
  });

  it('keeps the workers that it has not replaced when a later replacement fails', async () => {
    const supervisor = await host.started({ CLUSTER_WORKERS: '3' });
    supervisor.reload();
    await settle();
    await becomeReady(host.of(1)[0]);
    await host.leave();
    host.of(1)[1]!.exit(1);
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 0, 'ready'],
      [2, 0, 'ready'],
    ]);
  });

  it('comes to its end when new code fails that has been ready', async () => {
    const supervisor = await host.started({ CLUSTER_WORKERS: '3' });
    supervisor.reload();
    await settle();
    await becomeReady(host.of(1)[0]);
    await host.leave();
    host.of(1)[0]!.exit(1);
    await settle();
    expect(host.finished()).toMatchObject([{ outcome: 'failed' }]);
    // The one that was booting is of the same code.
    expect(host.of(1)[1]!.signals).toEqual(['SIGKILL']);
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'exited'],
      [1, 0, 'ready'],
      [2, 0, 'ready'],
    ]);
  });

  it('goes on when an old worker dies, and when one of the new is killed', async () => {
    const supervisor = await host.started({ CLUSTER_WORKERS: '3' });
    supervisor.reload();
    await settle();
    // Its replacement boots already, and has its slot.
    host.forked[0]!.exit(1);
    await settle();
    expect(everybody(supervisor)[0]).toEqual([0, 1, 'booting']);
    await becomeReady(host.of(1)[0]);
    // Not due yet.
    host.forked[2]!.exit(1);
    await settle();
    host.of(1)[0]!.exit(null, 'SIGKILL');
    await settle();
    while (host.finished().length === 0) {
      await host.clock.advance(100);
      for (const worker of host.of(1)) {
        await becomeReady(worker);
      }
      await host.leave();
    }
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 1, 'ready'],
      [2, 1, 'ready'],
    ]);
    expect(host.finished()).toMatchObject([{ outcome: 'done' }]);
  });

  it('is one more, however often it is asked for while one is under way', async () => {
    const supervisor = await host.started();
    for (let asked = 0; asked < 10; asked++) {
      supervisor.reload();
      await settle();
    }
    while (host.finished().length < 2) {
      for (const worker of host.forked) {
        await becomeReady(worker);
      }
      await host.leave();
    }
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 2, 'ready'],
      [1, 2, 'ready'],
    ]);
    expect(host.forked).toHaveLength(6);
  });

  it('needs the first replacement at once if its predecessor dies, and has no spare of it', async () => {
    const supervisor = await host.started({ CLUSTER_RELOAD_SOAK: '5000' });
    supervisor.reload();
    await settle();
    await standBy(host.of(1)[0]);
    host.forked[0]!.exit(1);
    await settle();
    expect(host.of(1)[0]!.orders).toEqual([{ type: 'promote', slot: 0 }]);
    await becomeReady(host.of(1)[0]);
    expect(everybody(supervisor)[0]).toEqual([0, 1, 'ready']);
  });

  it('soaks an application without a server while it works', async () => {
    await host.started({ CLUSTER_RELOAD_SOAK: '5000' });
    host.forked[0]!.ipc.ask('reload', null).catch(() => {});
    await settle();
    await host.of(1)[0]!.ipc.post({ type: 'unpromotable' });
    await settle();
    expect(host.of(1)[0]!.orders).toEqual([{ type: 'promote', slot: 1 }]);
  });

  it('replaces the worker last that waits for it, and answers it before it drains', async () => {
    await host.started();
    const answer = host.forked[0]!.ipc.ask('reload', null);
    await settle();
    expect(host.of(1)[0]!.place).toMatchObject({ slot: 1, generation: 1 });
    await becomeReady(host.of(1)[0]);
    await host.leave();
    expect(host.of(1)[1]!.place).toMatchObject({ slot: 0, generation: 1 });
    let drained = host.forked[0]!.drainOrders.length;
    const answered = answer.then(outcome => {
      drained = host.forked[0]!.drainOrders.length;
      return outcome;
    });
    await becomeReady(host.of(1)[1]);
    expect(await answered).toMatchObject({ type: 'done', value: { generation: 1 } });
    expect(drained).toBe(0);
    await settle();
    expect(host.forked[0]!.drainOrders).toHaveLength(1);
  });

  it('answers all who wait, and lets them drain together', async () => {
    const supervisor = await host.started();
    supervisor.scaleBy(1);
    const answers = host.forked.slice(0, 2).map(worker => worker.ipc.ask('reload', null));
    await settle();
    await becomeReady(host.forked[2]);
    expect(host.of(1)[0]!.place.slot).toBe(2);
    await becomeReady(host.of(1)[0]);
    await host.leave();
    await becomeReady(host.of(1)[1]);
    await becomeReady(host.of(1)[2]);
    const outcomes = await Promise.all(answers);
    expect(outcomes).toMatchObject([{ type: 'done' }, { type: 'done' }]);
    await settle();
    expect(host.forked.slice(0, 2).map(({ drainOrders }) => drainOrders.length)).toEqual([1, 1]);
  });

  it('tells who waits why it failed', async () => {
    await host.started();
    const answer = host.forked[0]!.ipc.ask('reload', null);
    await settle();
    host.of(1)[0]!.stderr.write('TypeError: no\n');
    await settle();
    host.of(1)[0]!.exit(1);
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
    const supervisor = await host.started();
    const answer = host.forked[0]!.ipc.ask('reload', null);
    await settle();
    await becomeReady(host.of(1)[0]);
    supervisor.stop('SIGTERM');
    await settle();
    expect(await answer).toEqual({ type: 'stopping' });
    expect(host.finished()).toMatchObject([{ outcome: 'stopped' }]);
    await host.leave();
    expect(host.exits).toEqual([0]);
    expect(host.clock.pending).toBe(0);
  });
});
