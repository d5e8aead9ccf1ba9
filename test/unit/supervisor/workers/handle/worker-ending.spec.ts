import { beforeEach, describe, expect, it } from 'vitest';
import type { WorkerExitReason } from '../../../../../src/model/host-status.interface.js';
import { WorkerEnding } from '../../../../../src/supervisor/workers/handle/worker-ending.js';

const FAILURE = { code: 'EADDRINUSE', message: 'in use', address: { address: null, port: 3000 } };

let ending: WorkerEnding;

beforeEach(() => {
  ending = new WorkerEnding({ tail: '' });
});

function exit(
  reason: WorkerExitReason,
  code: number | null,
  signal: NodeJS.Signals | null = null,
): void {
  const identity = { slot: 0, generation: 0, id: 1, pid: 2 };
  ending.conclude({ ...identity, at: 3, code, signal, reason, uptime: 4 });
}

describe('WorkerEnding', () => {
  it('knows a worker that ended by itself without an error', () => {
    exit('left', 0);
    expect([ending.isItsOwn, ending.leftOnSignal]).toEqual([true, false]);
  });

  it('does not take an ordered end for one of its own, nor for that of a signal', () => {
    ending.ordered();
    ending.drains('reload');
    exit('left', 0);
    expect([ending.isItsOwn, ending.leftOnSignal]).toEqual([false, false]);
  });

  it.each([
    ['drained because of it', () => ending.drains('signal'), 0, null],
    ['was ended by it', () => {}, null, 'SIGTERM'],
  ] as const)('knows a worker that received a signal and %s', (_, prepare, code, signal) => {
    prepare();
    exit('left', code, signal);
    expect([ending.leftOnSignal, ending.isItsOwn]).toEqual([true, false]);
  });

  it('keeps the first cause of the drain', () => {
    ending.drains('close');
    ending.drains('signal');
    exit('left', 0);
    expect([ending.isItsOwn, ending.leftOnSignal]).toEqual([true, false]);
  });

  it('reports the first reason for which it was killed', () => {
    ending.killed('hung');
    ending.killed('killed');
    expect(ending.reason({ state: 'ready', hasBooted: true }, null, 'SIGKILL')).toBe('hung');
  });

  it.each([
    [1, 'drain-timeout'],
    [0, 'left'],
  ])('reports a worker as late that ends after its time with code %j: %s', (code, reason) => {
    const life = { state: 'draining', hasBooted: true } as const;
    expect(ending.reason(life, code, null, true)).toBe(reason);
    ending.killed('killed');
    expect(ending.reason(life, code, null, true)).toBe('killed');
  });

  it('forgets a failure of the boot that the application has handled', () => {
    ending.bootFailed(FAILURE);
    expect(ending.bootFailure).toEqual(FAILURE);
    ending.bootGoesOn();
    exit('crashed', 1);
    expect(ending.bootFailure).toBeUndefined();
  });

  it('adds the phases of the drain, and what it has not finished, to the event', () => {
    expect(ending.exit).toBeUndefined();
    const unfinished = { requests: 2, messages: 0, tasks: 1 };
    ending.drained({ http: 5 } as never, unfinished);
    exit('left', 0);
    expect(ending.exit).toMatchObject({
      type: 'workerExited',
      reason: 'left',
      phases: { http: 5 },
      unfinished,
    });
  });
});
