import { beforeEach, describe, expect, it } from 'vitest';
import { WorkerLife } from '../../../../../src/supervisor/workers/handle/worker-life.js';
import { WorkerLimits } from '../../../../../src/supervisor/workers/handle/worker-limits.js';
import { FakeClock } from '../../../../support/fakes/fake-clock.js';

let clock: FakeClock;
let life: WorkerLife;
let missed: string[];
let limits: WorkerLimits;

beforeEach(() => {
  clock = new FakeClock();
  life = new WorkerLife(clock);
  missed = [];
  const terms = { bootTimeout: 5_000, heartbeat: { interval: 1_000, timeout: 4_000 } };
  limits = new WorkerLimits(life, terms, clock, {
    onMissed: reason => missed.push(reason),
    onSilent: () => missed.push('heartbeat'),
  });
  limits.toBeReady();
});

describe('WorkerLimits', () => {
  it('expects heartbeats instead of the end of the boot once it has booted', async () => {
    await clock.advance(4_999);
    life.become('ready');
    limits.booted();
    await clock.advance(4_250);
    expect([missed, life.serves]).toEqual([['heartbeat'], false]);
  });

  it('expects no heartbeats of a worker that leaves', async () => {
    life.become('ready');
    limits.booted();
    limits.toLeave(10_000);
    await clock.advance(10_000);
    expect([missed, limits.missed]).toEqual([['drain-timeout'], 10_000]);
  });

  it('gives a worker that was blocked by the primary the whole boot timeout again', async () => {
    await clock.advance(4_000);
    limits.suspend('output');
    await clock.advance(60_000);
    limits.resume('output');
    await clock.advance(4_999);
    expect(missed).toEqual([]);
    await clock.advance(1);
    expect(missed).toEqual(['boot-timeout']);
  });

  it('does not expect heartbeats before all reasons to suspend the limits are gone', async () => {
    life.become('ready');
    limits.booted();
    limits.suspend('inspection');
    limits.suspend('output');
    await clock.advance(60_000);
    limits.resume('output');
    await clock.advance(60_000);
    expect(missed).toEqual([]);
    limits.resume('inspection');
    await clock.advance(60_000);
    expect(missed).toEqual(['heartbeat']);
  });

  it('does not limit how long a spare waits, whatever happens to its output', async () => {
    life.become('standby');
    limits.booted();
    limits.suspend('output');
    limits.resume('output');
    for (let second = 0; second < 20; second++) {
      await clock.advance(1_000);
      limits.beat();
    }
    expect(missed).toEqual([]);
  });

  it('keeps the deadline for leaving while the output is not read', async () => {
    life.become('ready');
    limits.booted();
    limits.toLeave(1_000);
    life.become('draining');
    limits.suspend('output');
    limits.resume('output');
    await clock.advance(1_000);
    expect(missed).toEqual(['drain-timeout']);
  });

  it('leaves no timer behind', () => {
    life.become('ready');
    limits.booted();
    life.become('ended');
    limits.end();
    limits.resume('output');
    expect([clock.pending, limits.overdue]).toEqual([0, 0]);
  });
});
