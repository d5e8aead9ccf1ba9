import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../../support/fakes/fake-clock.js';
import {
  CALM,
  becomeReady,
  everybody,
  states,
  SupervisedHost,
} from '../../../support/fakes/supervised-host.js';
import type { FakeWorkerProcess } from '../../../support/fakes/fake-worker-process.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a worker that reaches a recycling limit', () => {
  const old = { memory: 1, requests: 1_000, eventLoopDelay: 0, ...CALM };
  const limits = { CLUSTER_RECYCLE_MAX_REQUESTS: '1000', CLUSTER_HEARTBEAT_INTERVAL: '60000000' };
  const env = { ...limits, CLUSTER_HEARTBEAT_TIMEOUT: '120000000' };

  it('is replaced, one at a time, new before old', async () => {
    const supervisor = await host.started(env);
    host.forked.forEach(worker => worker.ipc.offer({ type: 'heartbeat', vitals: old }));
    await settle();
    expect(everybody(supervisor)).toEqual([
      [0, 0, 'ready'],
      [0, 0, 'booting'],
      [1, 0, 'ready'],
    ]);
    await becomeReady(host.forked[2]);
    expect(host.forked[0]!.drainOrders).toMatchObject([{ cause: 'recycle' }]);
    await host.leave();
    await becomeReady(host.forked[3]);
    await host.leave();
    expect(host.forked.slice(2).map(({ place }) => place.slot)).toEqual([0, 1]);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
  });

  it('serves on if its replacement fails, and is tried again after a while', async () => {
    const supervisor = await host.started(env);
    const beat = async (): Promise<void> => {
      host.forked[0]!.ipc.offer({ type: 'heartbeat', vitals: old });
      await settle();
    };
    await beat();
    host.forked[2]!.exit(1);
    await settle();
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
    await beat();
    expect(host.forked).toHaveLength(3);
    await host.clock.advance(60_000);
    await beat();
    expect(host.forked).toHaveLength(4);
  });
});

describe('a limit of memory that a new worker exceeds', () => {
  const large = { memory: 2 ** 30, requests: 1, eventLoopDelay: 0, ...CALM };
  const env = {
    CLUSTER_RECYCLE_MAX_MEMORY: '100mb',
    CLUSTER_HEARTBEAT_INTERVAL: '60000000',
    CLUSTER_HEARTBEAT_TIMEOUT: '120000000',
  };
  const beat = (worker: FakeWorkerProcess): void =>
    worker.ipc.offer({ type: 'heartbeat', vitals: large });

  it.each([
    ['before', [beat, ready, beat]],
    ['together with', [ready, beat]],
  ])('stops recycling if vitals arrive %s "ready"', async (_, says) => {
    const supervisor = await host.started(env);
    host.forked.forEach(beat);
    for (let second = 0; second < 50; second++) {
      // All of it is in one message, as a worker sends it.
      host.forked
        .slice(2)
        .forEach(worker => worker.link.connected && says.forEach(say => say(worker)));
      await settle();
      await host.leave();
      await host.clock.advance(1_000);
      host.forked.filter(({ link }) => link.connected).forEach(beat);
      await settle();
    }
    expect(host.forked).toHaveLength(3);
    expect(host.logged.filter(text => text.includes('Raise recycle.maxMemory'))).toHaveLength(1);
    expect(states(supervisor)).toEqual([
      [0, 'ready'],
      [1, 'ready'],
    ]);
  });
});

function ready(worker: FakeWorkerProcess): void {
  void worker.becomeReady();
}
