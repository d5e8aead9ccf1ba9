import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Supervisor } from '../../../../src/supervisor/supervisor.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import {
  CALM,
  becomeReady,
  everybody,
  states,
  SupervisedHost,
} from '../../../support/fakes/supervised-host.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Two workers wait for the same reload, and so go last; slot 2 has been replaced. */
async function twoWait(): Promise<[Supervisor, Promise<unknown>]> {
  const supervisor = await host.started();
  supervisor.scaleBy(1);
  const answers = host.forked.slice(0, 2).map(worker => worker.ipc.ask('reload', null));
  await settle();
  await becomeReady(host.forked[2]);
  await becomeReady(host.of(1)[0]);
  await host.leave();
  return [supervisor, Promise.all(answers)];
}

describe('what may happen in between', () => {
  const vitals = { memory: 100_000_000, requests: 0, eventLoopDelay: 0, ...CALM };
  const fast = { CLUSTER_HEARTBEAT_INTERVAL: '1000', CLUSTER_HEARTBEAT_TIMEOUT: '5000' };

  it('a replacement that is killed while it is held back gets a successor, and no slot stays empty', async () => {
    const [supervisor, answers] = await twoWait();
    await becomeReady(host.of(1)[1]);
    host.of(1)[1]!.exit(null, 'SIGKILL');
    await settle();
    await becomeReady(host.of(1)[2]);
    await becomeReady(host.of(1)[3]);
    expect(await answers).toMatchObject([{ type: 'done' }, { type: 'done' }]);
    await settle();
    await host.leave();
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 1, 'ready'],
      [2, 1, 'ready'],
    ]);
  });

  it('a replacement that serves already drains when another one fails', async () => {
    const [supervisor] = await twoWait();
    await becomeReady(host.of(1)[1]);
    host.of(1)[2]!.exit(1);
    await settle();
    expect(host.of(1)[1]!.signals).toEqual([]);
    expect(host.of(1)[1]!.drainOrders).toHaveLength(1);
    expect(supervisor.status().generation).toBe(1);
  });

  it('a canary that serves drains when the new code fails elsewhere', async () => {
    const supervisor = await host.started({ CLUSTER_RELOAD_SOAK: '30000' });
    supervisor.reload();
    await settle();
    await becomeReady(host.of(1)[0]);
    host.forked[1]!.exit(1);
    await settle();
    await host.clock.advance(100);
    host.of(1)[1]!.exit(1);
    await settle();
    expect(host.of(1)[0]!.signals).toEqual([]);
    expect(host.of(1)[0]!.drainOrders).toHaveLength(1);
  });

  it('a canary that is sent a signal leaves, and another one takes its place', async () => {
    const supervisor = await host.started({ CLUSTER_RELOAD_SOAK: '5000' });
    supervisor.reload();
    await settle();
    await becomeReady(host.of(1)[0]);
    const terms = host.of(1)[0]!.askToLeave();
    await settle();
    await host.clock.advance(50);
    await terms;
    expect(host.of(1)[0]!.signals).toEqual([]);
    host.of(1)[0]!.exit(0);
    await settle();
    expect(host.finished()).toEqual([]);
    expect(host.of(1)).toHaveLength(2);
  });

  it('a canary that closes itself ends the reload', async () => {
    const supervisor = await host.started({ CLUSTER_RELOAD_SOAK: '5000' });
    supervisor.reload();
    await settle();
    await becomeReady(host.of(1)[0]);
    await host.of(1)[0]!.ipc.ask('leave', 'close');
    host.of(1)[0]!.exit(0);
    await settle();
    expect(host.finished()).toMatchObject([{ outcome: 'failed' }]);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
  });

  it('a reload does not fail for a signal to a worker that boots', async () => {
    const supervisor = await host.started();
    supervisor.reload();
    await settle();
    host.of(1)[0]!.exit(null, 'SIGTERM');
    await settle();
    await becomeReady(host.of(1)[1]);
    await host.leave();
    await becomeReady(host.of(1)[2]);
    await host.leave();
    expect(host.finished()).toMatchObject([{ outcome: 'done' }]);
  });

  it('scaling does not fail for a signal to a worker that boots, but for one that then fails', async () => {
    const supervisor = await host.started();
    supervisor.scaleBy(1);
    await settle();
    host.forked[2]!.exit(null, 'SIGTERM');
    await settle();
    await host.clock.advance(100);
    await becomeReady(host.forked[3]);
    expect(supervisor.status()).toMatchObject({ wanted: 3, ready: 3 });
    supervisor.scaleBy(1);
    await settle();
    host.forked[4]!.exit(null, 'SIGTERM');
    await settle();
    await host.clock.advance(100);
    host.forked[5]!.exit(1);
    await settle();
    expect(host.logged.join('\n')).toMatch(/3 workers as before|still running 3/);
  });

  it('a slot that cannot boot keeps nobody from reloading and scaling', async () => {
    const supervisor = host.supervise();
    void supervisor.start();
    await settle();
    await becomeReady(host.forked[0]);
    host.forked[1]!.exit(1);
    await settle();
    supervisor.reload();
    await settle();
    await becomeReady(host.of(1)[0]);
    await host.leave();
    await becomeReady(host.of(1)[1]);
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 1, 'ready'],
    ]);
  });

  it('a promoted spare that does not become ready is killed in time', async () => {
    const supervisor = await host.started({ CLUSTER_SPARE: '1' });
    await host.forked[2]!.ipc.post({ type: 'standby' });
    await settle();
    supervisor.scaleBy(1);
    supervisor.reload();
    await settle();
    await host.clock.advance(60_000);
    expect(host.forked[2]!.signals).toEqual(['SIGKILL']);
    expect(host.of(1).length).toBeGreaterThan(0);
  });

  it('a spare that is promoted during a reload does not end it', async () => {
    const supervisor = await host.started({ CLUSTER_SPARE: '1' });
    host.forked[2]!.exit(1);
    await settle();
    supervisor.reload();
    await settle();
    await host.clock.advance(100);
    const spare = host.of(1).find(({ place }) => place.slot === -1)!;
    await spare.ipc.post({ type: 'standby' });
    await settle();
    host.forked[1]!.exit(1);
    await settle();
    await becomeReady(host.of(1)[0]);
    await host.leave();
    expect(spare.signals).toEqual([]);
    await becomeReady(spare);
    expect(host.finished()).toMatchObject([{ outcome: 'done' }]);
    expect(supervisor.status().workers).toMatchObject([{ state: 'ready' }, { state: 'ready' }]);
  });

  it('a spare that leaves on a signal is followed by another one', async () => {
    await host.started({ CLUSTER_SPARE: '1' });
    await host.forked[2]!.ipc.post({ type: 'standby' });
    await settle();
    const terms = host.forked[2]!.askToLeave();
    await settle();
    await host.clock.advance(50);
    await terms;
    host.forked[2]!.exit(0);
    await settle();
    await host.clock.advance(0);
    expect(host.forked).toHaveLength(4);
  });

  it('a spare that scaling has promoted hands on how far it has got', async () => {
    const supervisor = await host.started({ CLUSTER_SPARE: '1' });
    await host.forked[2]!.ipc.ask('offsets', null);
    await host.forked[2]!.ipc.post({ type: 'standby' });
    await settle();
    supervisor.scaleBy(1);
    await settle();
    await becomeReady(host.forked[2]);
    await host.forked[2]!.ipc.post({ type: 'offsets', offsets: { sales: '5-7' } });
    await settle();
    host.forked[2]!.exit(1);
    await settle();
    await host.clock.advance(100);
    const next = host.forked.find(({ place, link }) => place.slot === 2 && link.connected);
    expect(await next!.ipc.ask('offsets', null)).toEqual({ sales: '5-7' });
  });

  it('two spares without a server are one warning', async () => {
    await host.started({ CLUSTER_SPARE: '2' });
    void host.forked[2]!.ipc.post({ type: 'unpromotable' });
    void host.forked[3]!.ipc.post({ type: 'unpromotable' });
    await settle();
    expect(host.logged.filter(text => /Spares are disabled/.test(text))).toHaveLength(1);
  });

  it('a worker that says anything lives', async () => {
    await host.started(fast);
    for (let second = 0; second < 20; second++) {
      await host.clock.advance(1_000);
      await Promise.all(host.forked.map(worker => worker.ipc.ask('status', null)));
    }
    expect(host.forked.map(({ signals }) => signals)).toEqual([[], []]);
  });

  it('a worker lives whose messages are ignored because they make no sense', async () => {
    await host.started(fast);
    for (let second = 0; second < 20; second++) {
      await host.clock.advance(1_000);
      host.forked[0]!.link.emit('message', {
        'nestjs-cluster': [{ message: { type: 'heartbeat', vitals: { memory: 'much' } } }],
      });
      host.forked[1]!.link.emit('message', { 'nestjs-cluster': null });
    }
    expect(host.forked.map(({ signals }) => signals)).toEqual([[], []]);
  });

  it('recycling does not go round and round where a new worker is too large already', async () => {
    await host.started({
      CLUSTER_RECYCLE_MAX_MEMORY: '1mb',
      CLUSTER_HEARTBEAT_INTERVAL: '60000000',
      CLUSTER_HEARTBEAT_TIMEOUT: '120000000',
    });
    for (let second = 0; second < 30; second++) {
      for (const worker of host.forked.filter(({ link }) => link.connected)) {
        await becomeReady(worker);
        worker.ipc.offer({ type: 'heartbeat', vitals });
      }
      await settle();
      await host.leave();
      await host.clock.advance(1_000);
    }
    expect(host.forked.length).toBeLessThan(6);
    expect(host.logged.join('\n')).toMatch(/Raise recycle\.maxMemory, or run fewer workers/);
  });

  it('the only worker that takes connections waits for one that is overloaded', async () => {
    await host.started();
    expect(await host.forked[0]!.ipc.ask('overloaded', 500)).toBe(true);
    let left = false;
    void host.forked[1]!.ipc.ask('leave', 'close').then(() => (left = true));
    await host.clock.advance(1);
    await settle();
    expect(left).toBe(false);
    expect(host.forked[0]!.orders).toEqual([{ type: 'open' }]);
    await host.forked[0]!.ipc.post({ type: 'recovered' });
    await settle();
    expect(left).toBe(true);
  });

  it('the generation is the newest that there are workers of', async () => {
    const supervisor = await host.started({ CLUSTER_WORKERS: '3' });
    supervisor.reload();
    await settle();
    await becomeReady(host.of(1)[0]);
    await host.leave();
    host.of(1)[1]!.exit(1);
    await settle();
    expect(supervisor.status().generation).toBe(1);
  });

  it('a worker that crashes while it drains makes a stop unclean', async () => {
    const supervisor = await host.started();
    supervisor.stop('SIGTERM');
    await settle();
    host.forked[0]!.exit(1);
    host.forked[1]!.exit(0);
    await settle();
    expect(host.exits).toEqual([1]);
  });
});
