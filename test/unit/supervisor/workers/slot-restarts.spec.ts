import { beforeEach, describe, expect, it } from 'vitest';
import { HEALTHY_AFTER } from '../../../../src/supervisor/policies/restart-policy.js';
import type { Slot } from '../../../../src/supervisor/workers/slot.js';
import { SlotRestarts } from '../../../../src/supervisor/workers/slot-restarts.js';
import { Workforce } from '../../../../src/supervisor/workers/workforce.js';
import { FakeClock } from '../../../support/fakes/fake-clock.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

let clock: FakeClock;
let forked: FakeWorkerHandle[];
let spare: FakeWorkerHandle | undefined;
let shutdown: { isUnderWay: boolean };
let workforce: Workforce;
let slot: Slot;
let worker: FakeWorkerHandle;
let restarts: SlotRestarts;

beforeEach(() => {
  clock = new FakeClock();
  forked = [];
  spare = undefined;
  shutdown = { isUnderWay: false };
  workforce = new Workforce(
    1,
    clock,
    ({ index }) => {
      forked.push(new FakeWorkerHandle(index));
      return forked.at(-1)!.handle;
    },
    () => {},
  );
  slot = workforce.slots[0]!;
  workforce.fill(slot);
  worker = forked[0]!;
  restarts = new SlotRestarts({
    restart: { initialDelay: 100, maxDelay: 1_000 },
    workforce,
    spares: {
      promote: place => {
        if (spare) {
          workforce.promote(spare.handle, place);
        }
        return spare?.handle;
      },
    },
    shutdown,
  });
});

function crash(readyFor = 0): number | undefined {
  worker.readyFor = readyFor;
  const { code, signal, reason, at } = worker.ends('crashed');
  slot.remember(worker.handle, { code, signal, reason, at });
  return restarts.replace(slot, worker.handle);
}

describe('SlotRestarts, after an exit', () => {
  it('forks the next worker after a delay that grows with the failures of the slot', async () => {
    slot.failures = 2;
    const delay = crash();
    expect(delay).toBeLessThanOrEqual(400);
    expect(slot.failures).toBe(3);
    await clock.advance(delay!);
    expect(slot.current).toBe(forked[1]);
    expect(slot.restarts).toBe(1);
  });

  it('starts counting again after a healthy worker', () => {
    slot.failures = 8;
    expect(crash(HEALTHY_AFTER)).toBeLessThanOrEqual(100);
    expect(slot.failures).toBe(1);
  });

  it('does not count a worker that left because of a signal as a failure', () => {
    slot.failures = 2;
    worker.ending.leftOnSignal = true;
    expect(crash()).toBeLessThanOrEqual(100);
    expect(slot.failures).toBe(2);
  });

  it('promotes a spare at once', () => {
    spare = new FakeWorkerHandle(-1);
    expect(crash()).toBeUndefined();
    expect([slot.current, slot.restarts, clock.pending]).toEqual([spare, 1, 0]);
  });

  it.each<[string, () => unknown]>([
    ['the host stops', () => (shutdown.isUnderWay = true)],
    ['the slot is closed', () => workforce.close(0)],
    ['the slot has its successor already', () => workforce.addSuccessor(slot, false)],
  ])('starts none if %s', async (_, prepare) => {
    prepare();
    const before = forked.length;
    expect(crash()).toBeUndefined();
    await clock.advance(1_000);
    expect(forked).toHaveLength(before);
  });
});

describe('SlotRestarts, before an exit', () => {
  it('replaces a worker that received a signal at once, and knows when it may go', async () => {
    worker.readyFor = 5_000;
    const mayGo = restarts.succeed(worker.handle, true);
    expect([slot.current, slot.failures, mayGo()]).toEqual([undefined, 0, false]);
    await clock.advance(0);
    forked[1]!.state = 'booting';
    expect([slot.current, mayGo()]).toEqual([forked[1], false]);
    forked[1]!.state = 'ready';
    expect(mayGo()).toBe(true);
  });

  it('lets it go when its replacement has failed, or is no longer wanted', async () => {
    worker.readyFor = 5_000;
    const mayGo = restarts.succeed(worker.handle, true);
    slot.failures++;
    expect(mayGo()).toBe(true);
    slot.failures--;
    workforce.close(0);
    expect(mayGo()).toBe(true);
  });

  it('waits for the first delay if the worker was not ready: the primary may get the signal too', () => {
    restarts.succeed(worker.handle, true);
    expect([slot.current, clock.pending, slot.failures]).toEqual([undefined, 1, 0]);
  });

  it('counts a worker that hangs as a failure', () => {
    restarts.succeed(worker.handle, false);
    expect([slot.failures, slot.workers]).toEqual([1, [worker]]);
  });

  it('does nothing for a worker whose slot was given away before', () => {
    restarts.succeed(worker.handle, false);
    expect(restarts.succeed(worker.handle, true)()).toBe(true);
    expect(restarts.succeed(new FakeWorkerHandle(-1).handle, true)()).toBe(true);
    expect([slot.failures, clock.pending]).toEqual([1, 1]);
  });
});
