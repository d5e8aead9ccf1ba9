import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../../support/fakes/fake-clock.js';
import {
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

describe('scaling', () => {
  it('adds workers at the top, and takes them from there', async () => {
    const supervisor = await host.started();
    const more = host.forked[0]!.ipc.ask('scale', 4);
    await settle();
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
      [2, 'booting'],
      [3, 'booting'],
    ]);
    await becomeReady(host.forked[2]);
    await becomeReady(host.forked[3]);
    expect(await more).toEqual({ type: 'done', value: 4 });
    const less = host.forked[3]!.ipc.ask('scale', 1);
    expect(await less).toEqual({ type: 'done', value: 1 });
    await settle();
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'draining'],
      [2, 'draining'],
      [3, 'draining'],
    ]);
    expect(host.forked[3]!.drainOrders).toMatchObject([{ cause: 'scale' }]);
    await host.leave();
    await host.clock.advance(60_000);
    expect(states(supervisor)).toEqual([[0, 'ready']]);
    expect(host.forked).toHaveLength(4);
  });

  it('gives a worker of a slot that was closed no offset of its predecessors', async () => {
    await host.started();
    const more = host.forked[0]!.ipc.ask('scale', 3);
    await settle();
    const old = host.forked[2]!;
    await becomeReady(old);
    await more;
    expect(await old.ipc.ask('offsets', null)).toEqual({});
    await old.ipc.post({ type: 'offsets', offsets: { sales: '5-1' } });
    const less = host.forked[0]!.ipc.ask('scale', 2);
    await less;
    await settle();
    await old.ipc.post({ type: 'offsets', offsets: { sales: '5-2' } });
    await host.leave();
    const again = host.forked[0]!.ipc.ask('scale', 3);
    await settle();
    expect(await host.forked[3]!.ipc.ask('offsets', null)).toEqual({});
    await becomeReady(host.forked[3]);
    await again;
    // A crash opens no slot: its successor goes on where it was.
    await host.forked[3]!.ipc.post({ type: 'offsets', offsets: { sales: '5-9' } });
    await settle();
    host.forked[3]!.exit(1);
    await host.clock.advance(60_000);
    expect(await host.forked[4]!.ipc.ask('offsets', null)).toEqual({ sales: '5-9' });
  });

  it('takes back what it has added if one of them fails', async () => {
    const supervisor = await host.started();
    const more = host.forked[0]!.ipc.ask('scale', 4);
    await settle();
    await becomeReady(host.forked[3]);
    host.forked[2]!.exit(1);
    await settle();
    await host.leave();
    expect(await more).toMatchObject({ type: 'failed', failure: { worker: { slot: 2 } } });
    await host.clock.advance(60_000);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
    expect(host.forked).toHaveLength(4);
  });

  it('waits for its turn during a reload, and has its workers of the new generation', async () => {
    const supervisor = await host.started();
    supervisor.reload();
    supervisor.scaleBy(1);
    while (supervisor.status().workers.length < 3 || host.finished().length === 0) {
      await settle();
      for (const worker of host.forked) {
        await becomeReady(worker);
      }
      await host.leave();
    }
    await becomeReady(host.forked.at(-1));
    expect(everybody(supervisor)).toEqual([
      [0, 1, 'ready'],
      [1, 1, 'ready'],
      [2, 1, 'ready'],
    ]);
  });

  it('leaves at least one worker', async () => {
    const supervisor = await host.started({ CLUSTER_WORKERS: '1' });
    supervisor.scaleBy(-1);
    await settle();
    expect(states(supervisor)).toEqual([[0, 'ready']]);
  });
});
