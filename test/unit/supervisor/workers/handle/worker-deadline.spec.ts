import { beforeEach, describe, expect, it } from 'vitest';
import { WorkerDeadline } from '../../../../../src/supervisor/workers/handle/worker-deadline.js';
import { FakeClock } from '../../../../support/fakes/fake-clock.js';

let clock: FakeClock;
let missed: string[];

beforeEach(() => {
  clock = new FakeClock();
  missed = [];
});

const deadlineWith = (bootTimeout: number | undefined): WorkerDeadline =>
  new WorkerDeadline(clock, bootTimeout, reason => missed.push(reason));

describe('WorkerDeadline', () => {
  it('reports a worker that is not ready in time, once', async () => {
    const deadline = deadlineWith(5_000);
    deadline.toBeReady();
    await clock.advance(4_999);
    expect([missed, deadline.missed]).toEqual([[], undefined]);
    await clock.advance(60_000);
    expect([missed, deadline.missed]).toEqual([['boot-timeout'], 5_000]);
  });

  it('has no boot timeout under an inspector, but limits the drain', async () => {
    const deadline = deadlineWith(undefined);
    deadline.toBeReady();
    await clock.advance(600_000);
    expect(missed).toEqual([]);
    deadline.toLeave(2_000);
    await clock.advance(2_000);
    expect([missed, deadline.missed]).toEqual([['drain-timeout'], 2_000]);
  });

  it('replaces the boot timeout by the time to leave', async () => {
    const deadline = deadlineWith(1_000);
    deadline.toBeReady();
    deadline.toLeave(10_000);
    await clock.advance(9_999);
    expect(missed).toEqual([]);
    await clock.advance(1);
    expect(missed).toEqual(['drain-timeout']);
  });

  it('reports nothing after it was cancelled', async () => {
    const deadline = deadlineWith(1_000);
    deadline.toBeReady();
    deadline.cancel();
    expect(clock.pending).toBe(0);
    await clock.advance(1_000);
    expect(missed).toEqual([]);
  });
});
