import { afterEach, describe, expect, it } from 'vitest';
import {
  clusterLogFields,
  logAs,
  logFor,
  logLabel,
} from '../../../src/bootstrap/cluster-log-fields.js';

const { pid, env } = process;

afterEach(() => {
  logAs('single');
  delete env['CLUSTER_SLOT'];
  delete env['CLUSTER_GENERATION'];
});

describe('clusterLogFields()', () => {
  it('takes a test run for single mode, before there is an application', () => {
    expect(clusterLogFields()).toEqual({ slot: 0, generation: 0, pid });
  });

  it('returns an object of its own to each caller, because loggers change it', () => {
    logAs('worker');
    Object.assign(env, { CLUSTER_SLOT: '2', CLUSTER_GENERATION: '3' });
    Object.assign(clusterLogFields(), { slot: 7, level: 'info' });
    expect(clusterLogFields()).toEqual({ slot: 2, generation: 3, pid });
  });

  it('has no slot in the primary', () => {
    logAs('primary');
    expect(clusterLogFields()).toEqual({ pid });
    expect(logLabel()).toEqual({ text: 'primary', fields: { pid } });
  });

  it('has the slot that a spare is given', () => {
    logAs('worker');
    Object.assign(env, { CLUSTER_SLOT: '-1', CLUSTER_GENERATION: '3' });
    expect(logLabel()).toEqual({ text: 'spare', fields: { slot: -1, generation: 3, pid } });
    env['CLUSTER_SLOT'] = '2';
    expect(logLabel()).toEqual({ text: 'worker 2', fields: { slot: 2, generation: 3, pid } });
  });

  it('leaves the pid in the lines of single mode', () => {
    expect(logLabel().text).toBeUndefined();
  });

  it('are those of a worker while the primary logs for it', () => {
    logAs('primary');
    const worker = { slot: 1, generation: 0, id: 5, pid: 4711 };
    logFor(worker, () => {
      expect(logLabel()).toEqual({
        text: 'worker 1',
        fields: { slot: 1, generation: 0, pid: 4711 },
      });
    });
    expect(clusterLogFields()).toEqual({ pid });
  });
});
