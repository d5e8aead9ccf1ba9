import { describe, expect, it } from '@jest/globals';
import { decideRole, type ProcessFacts } from '../../../src/role/cluster-role.js';

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

  it('is the primary again in a process that a worker of ours started', () => {
    const env = { CLUSTER_PRIMARY_PID: '6', CLUSTER_SLOT: '0' };
    expect(decideRole(facts({ env }), auto)).toEqual({ role: 'primary' });
  });

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
});
