import { describe, expect, it } from 'vitest';
import {
  decideContextRole,
  decideRole,
  type ProcessFacts,
} from '../../../src/bootstrap/cluster-role.js';
import type { HostMark } from '../../../src/bootstrap/host-mark.js';

const auto = 'auto';

function facts(more: Partial<ProcessFacts> = {}): ProcessFacts {
  return {
    isClusterWorker: false,
    isMainThread: true,
    connected: false,
    ppid: 7,
    env: {},
    ...more,
  };
}

const above = (workers: string): HostMark => ({
  primary: { pid: 6, startedAt: '1' },
  workers,
});

const forked = { isClusterWorker: true, connected: true };

describe('decideRole()', () => {
  it('makes the process the user started the primary', () => {
    expect(decideRole(facts(), auto)).toEqual({ role: 'primary' });
  });

  it('knows a worker by its own primary', () => {
    const env = { CLUSTER_PRIMARY_PID: '7' };
    expect(decideRole(facts({ ...forked, env }), auto)).toEqual({ role: 'worker' });
  });

  it('knows a worker whose primary has died', () => {
    const env = { CLUSTER_PRIMARY_PID: '7' };
    const orphan = facts({ ...forked, env, connected: false, ppid: 1 });
    expect(decideRole(orphan, auto)).toEqual({ role: 'worker' });
  });

  it.each([{}, { CLUSTER_PRIMARY_PID: '6' }])(
    "is single in another cluster's worker, also one that a worker of ours started (%j)",
    env => {
      const foreign = { role: 'single', why: 'foreign-cluster' };
      expect(decideRole(facts({ ...forked, env }), auto)).toEqual(foreign);
    },
  );

  it('is single with no workers wanted, and in a worker thread', () => {
    expect(decideRole(facts(), 0)).toEqual({
      role: 'single',
      why: 'no-workers',
    });
    expect(decideRole(facts({ isMainThread: false }), auto)).toEqual({
      role: 'single',
      why: 'worker-thread',
    });
  });

  describe.each([
    { NODE_ENV: 'test' },
    { JEST_WORKER_ID: '1' },
    { VITEST_WORKER_ID: '1' },
    { NODE_TEST_CONTEXT: 'child-v8' },
  ])('in a test run (%j)', env => {
    it.each([auto, 4] as const)('is single (%j)', workers => {
      expect(decideRole(facts({ env }), workers)).toEqual({ role: 'single', why: 'test-run' });
    });

    it('is the primary if the environment asks for workers', () => {
      const asked = facts({ env: { ...env, CLUSTER_WORKERS: '4' } });
      expect(decideRole(asked, 2)).toEqual({ role: 'primary' });
    });
  });

  describe('in a process that another host has started', () => {
    const descendant = { role: 'single', why: 'descendant' };

    it.each([
      ['', {}],
      ['', { CLUSTER_WORKERS: ' ' }],
      ['4', { CLUSTER_WORKERS: '4' }],
      ['4', {}],
      ['auto', { CLUSTER_WORKERS: 'auto', CLUSTER_PRIMARY_PID: '6', CLUSTER_SLOT: '0' }],
    ])('is single with what it has inherited (host %j, now %j)', (workers, env) => {
      expect(decideRole(facts({ env, parentHost: above(workers) }), auto)).toEqual(descendant);
      expect(decideRole(facts({ env, parentHost: above(workers) }), 4)).toEqual(descendant);
    });

    it.each([
      ['', '2'],
      ['4', '2'],
      ['4', 'auto'],
    ])(
      'is the primary if the environment asks for other workers (host %j, now %j)',
      (host, now) => {
        const asked = facts({ env: { CLUSTER_WORKERS: now }, parentHost: above(host) });
        expect(decideRole(asked, auto)).toEqual({ role: 'primary' });
      },
    );

    it('is single with CLUSTER_WORKERS=0, and in a test run that has inherited the number of workers', () => {
      const none = facts({ env: { CLUSTER_WORKERS: '0' }, parentHost: above('4') });
      expect(decideRole(none, 0)).toEqual({ role: 'single', why: 'no-workers' });
      const env = { NODE_ENV: 'test', CLUSTER_WORKERS: '4' };
      const test = facts({ env, parentHost: above('4') });
      expect(decideRole(test, auto)).toEqual({ role: 'single', why: 'test-run' });
    });

    it('is a worker of its own primary, which another host has started', () => {
      const env = { CLUSTER_PRIMARY_PID: '7', CLUSTER_WORKERS: '2' };
      const worker = facts({ ...forked, env, parentHost: above('2') });
      expect(decideRole(worker, auto)).toEqual({ role: 'worker' });
    });
  });
});

describe('decideContextRole()', () => {
  it('is single, unless contexts are to have workers', () => {
    const single = { role: 'single', why: 'context' };
    expect(decideContextRole(facts(), auto, 'single')).toEqual(single);
    expect(decideContextRole(facts(), 0, 'single')).toEqual(single);
    expect(decideContextRole(facts(), auto, 'cluster')).toEqual({ role: 'primary' });
    expect(decideContextRole(facts(), 0, 'cluster')).toEqual({ role: 'single', why: 'no-workers' });
  });

  it('is a test in a test run', () => {
    const test = facts({ env: { NODE_ENV: 'test' } });
    expect(decideContextRole(test, auto, 'single')).toEqual({ role: 'single', why: 'test-run' });
  });
});
