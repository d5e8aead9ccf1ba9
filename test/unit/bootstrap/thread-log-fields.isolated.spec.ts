import * as threads from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const { pid, ppid, env } = process;

/** As in a thread of this process. */
vi.doMock('node:worker_threads', () => ({ ...threads, isMainThread: false }));

const { clusterLogFields, logAs, logLabel } =
  await import('../../../src/bootstrap/cluster-log-fields.js');

beforeEach(() => {
  Object.assign(env, {
    CLUSTER_PRIMARY_PID: String(ppid),
    CLUSTER_SLOT: '2',
    CLUSTER_GENERATION: '3',
  });
  // An application in a thread runs in single mode.
  logAs('single');
});

afterEach(() => {
  for (const name of ['CLUSTER_PRIMARY_PID', 'CLUSTER_SLOT', 'CLUSTER_GENERATION']) {
    delete env[name];
  }
});

describe('clusterLogFields() in a thread', () => {
  it('has the slot of the worker', () => {
    expect(clusterLogFields()).toEqual({ slot: 2, generation: 3, pid });
    expect(logLabel().text).toBeUndefined();
  });

  it('returns an object of its own to each caller, because loggers change it', () => {
    Object.assign(clusterLogFields(), { slot: 7 });
    expect(clusterLogFields()).toEqual({ slot: 2, generation: 3, pid });
  });

  it('has no slot if the worker was a spare when the thread was started', () => {
    env['CLUSTER_SLOT'] = '-1';
    expect(clusterLogFields()).toEqual({ pid });
  });

  it.each([
    ['of a child process of a worker', String(pid)],
    ['without the environment of the worker', undefined],
  ])('has no slot %s', (_, primary) => {
    delete env['CLUSTER_PRIMARY_PID'];
    Object.assign(env, primary && { CLUSTER_PRIMARY_PID: primary });
    expect(clusterLogFields()).toEqual({ pid });
  });
});
