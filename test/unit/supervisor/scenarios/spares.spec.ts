import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Supervisor } from '../../../../src/supervisor/supervisor.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import { becomeReady, states, SupervisedHost } from '../../../support/fakes/supervised-host.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a spare', () => {
  const env = { CLUSTER_SPARE: '1' };

  async function withSpare(): Promise<Supervisor> {
    const supervisor = await host.started(env);
    await host.forked[2]!.ipc.post({ type: 'standby' });
    await settle();
    return supervisor;
  }

  it('boots when all workers are ready, and has no slot', async () => {
    const supervisor = await withSpare();
    expect(host.forked[2]!.place.slot).toBe(-1);
    expect(supervisor.status()).toMatchObject({
      wanted: 2,
      workers: [{ slot: 0 }, { slot: 1 }],
      spares: [{ slot: -1, state: 'standby' }],
    });
  });

  it('takes the place of a worker that dies, at once, and is followed by another one', async () => {
    const supervisor = await withSpare();
    host.forked[1]!.exit(1);
    await settle();
    expect(host.forked[2]!.orders).toEqual([{ type: 'promote', slot: 1 }]);
    await becomeReady(host.forked[2]);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
    expect(supervisor.status().workers[1]).toMatchObject({ pid: host.forked[2]!.pid, restarts: 1 });
    await host.clock.advance(100);
    expect(host.forked).toHaveLength(4);
    expect(host.forked[3]!.place.slot).toBe(-1);
  });

  it('follows a reload, and stays the old one if that fails', async () => {
    const supervisor = await withSpare();
    supervisor.reload();
    await settle();
    host.of(1)[0]!.exit(1);
    await settle();
    expect(host.forked[2]!.drainOrders).toEqual([]);
    supervisor.reload();
    while (host.finished().length < 2) {
      await settle();
      for (const worker of host.of(2)) {
        await becomeReady(worker);
      }
      await host.leave();
    }
    await settle();
    expect(host.forked[2]!.drainOrders).toHaveLength(1);
    expect(host.of(2).map(({ place }) => place.slot)).toEqual([0, 1, -1]);
  });

  it('is tried again later and later if it fails', async () => {
    await host.started(env);
    host.forked[2]!.exit(1);
    await settle();
    await host.clock.advance(100);
    expect(host.forked).toHaveLength(4);
  });

  it('is none where there is nothing to begin later', async () => {
    await host.started(env);
    void host.forked[2]!.ipc.post({ type: 'unpromotable' });
    await settle();
    host.forked[2]!.exit(0);
    await settle();
    await host.clock.advance(60_000);
    expect(host.forked).toHaveLength(3);
    expect(host.logged.join('\n')).toMatch(/Spares are disabled/);
  });

  it('leaves with the others in a stop', async () => {
    const supervisor = await withSpare();
    supervisor.stop('SIGTERM');
    await settle();
    await host.leave();
    expect(host.exits).toEqual([0]);
    expect(host.clock.pending).toBe(0);
  });
});
