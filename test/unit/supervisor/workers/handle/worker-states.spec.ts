import { describe, expect, it } from 'vitest';
import {
  isShown,
  mayBecome,
  WORKER_TRANSITIONS,
  type WorkerStage,
} from '../../../../../src/supervisor/workers/handle/worker-states.js';

const STAGES = Object.keys(WORKER_TRANSITIONS) as WorkerStage[];
const before = (to: WorkerStage): WorkerStage[] => STAGES.filter(from => mayBecome(from, to));

describe('the states of a worker', () => {
  it('lead forward only', () => {
    for (const [at, from] of STAGES.entries()) {
      const earlier = STAGES.slice(0, at + 1);
      expect(earlier.filter(to => mayBecome(from, to))).toEqual([]);
    }
  });

  it('end with the process, whatever the worker does, and then with its last output', () => {
    expect(before('ended')).toEqual(STAGES.filter(stage => !['ended', 'exited'].includes(stage)));
    expect(before('exited')).toEqual(['ended']);
    expect(STAGES.filter(to => mayBecome('exited', to))).toEqual([]);
  });

  it('allow a worker that has booted to hang, and to become ready only once', () => {
    expect(before('hung')).toEqual(['standby', 'promoted', 'ready']);
    expect(before('ready')).toEqual(['booting', 'standby', 'promoted']);
  });

  it('are shown to users, except for three', () => {
    expect(STAGES.filter(stage => !isShown(stage))).toEqual(['promoted', 'hung', 'ended']);
  });
});
