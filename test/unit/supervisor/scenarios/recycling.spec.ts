import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
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
  jest.restoreAllMocks();
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
