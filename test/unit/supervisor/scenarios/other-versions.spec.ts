import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settle } from '../../../support/fakes/fake-clock.js';
import { states, SupervisedHost } from '../../../support/fakes/supervised-host.js';

let host: SupervisedHost;

beforeEach(() => {
  host = new SupervisedHost();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a worker of another version', () => {
  it.each([
    ['a newer one', { protocol: 99, version: '9.9.9' }, /nestjs-cluster 9\.9\.9 \(protocol 99\)/],
    ['an older one, which tells none', null, /an older nestjs-cluster/],
  ])('fails a reload, and those that serve stay: %s', async (_, other, described) => {
    const supervisor = await host.started();
    const before = [...host.forked];
    host.hello = other;
    supervisor.reload();
    await settle();
    await host.forked.at(-1)!.becomeReady();
    await settle();
    expect(host.forked.at(-1)!.signals).toEqual(['SIGKILL']);
    const [ending] = host.events.filter(event => event.type === 'reloadFinished');
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
    host.hello = null;
    const supervisor = await host.started();
    expect(host.events.filter(event => event.type === 'workerExited')).toMatchObject([
      { reason: 'boot-failed' },
      { reason: 'boot-failed' },
    ]);
    expect(supervisor.status().workers[0]?.lastExit?.error).toMatch(/Restart the host/);
  });
});
