import { beforeEach, describe, expect, it } from 'vitest';
import { Workforce } from '../../../../src/supervisor/workers/workforce.js';
import type { WorkerHandle } from '../../../../src/supervisor/workers/handle/worker-handle.js';
import { FakeClock } from '../../../support/fakes/fake-clock.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

let clock: FakeClock;
let forked: FakeWorkerHandle[];
let changes: number;
let workforce: Workforce;

beforeEach(() => {
  clock = new FakeClock();
  forked = [];
  changes = 0;
  workforce = new Workforce(
    2,
    clock,
    ({ index }) => {
      forked.push(new FakeWorkerHandle(index));
      return forked.at(-1)!.handle;
    },
    () => changes++,
  );
});

const fill = (): void => workforce.slots.forEach(slot => workforce.fill(slot));

/** Ends a worker in its slot. */
function ends(worker: FakeWorkerHandle): void {
  const { code, signal, reason, at } = worker.ends('crashed');
  workforce.slotOf(worker.handle)!.remember(worker.handle, { code, signal, reason, at });
  workforce.changed();
}

describe('Workforce', () => {
  it('has empty slots at first, and is complete when each has a ready worker', async () => {
    expect([workforce.isEmpty, workforce.isComplete, workforce.status()]).toEqual([
      true,
      false,
      [],
    ]);
    fill();
    forked[1]!.state = 'booting';
    expect([workforce.isComplete, workforce.readyCount, changes]).toEqual([false, 1, 2]);
    const complete = workforce.changes.until(() => workforce.isComplete);
    forked[1]!.state = 'ready';
    workforce.changed();
    await complete;
    expect(workforce.status()).toMatchObject([
      { slot: 0, state: 'ready', restarts: 0 },
      { slot: 1, state: 'ready', restarts: 0 },
    ]);
  });

  it('shows how the last worker of an empty slot ended', () => {
    fill();
    ends(forked[0]!);
    expect(workforce.status()[0]).toMatchObject({
      slot: 0,
      pid: forked[0]!.pid,
      state: 'exited',
      uptime: 0,
      lastExit: { reason: 'crashed', code: 1 },
    });
  });

  it('forks the next worker after the delay, and counts restarts of the last minute', async () => {
    fill();
    ends(forked[1]!);
    workforce.refillAfter(workforce.slots[1]!, 400);
    await clock.advance(399);
    expect(forked).toHaveLength(2);
    await clock.advance(1);
    expect(workforce.slots[1]!.current).toBe(forked[2]);
    expect([workforce.recentRestarts, workforce.status()[1]!.restarts]).toEqual([1, 1]);
    await clock.advance(61_000);
    expect([workforce.recentRestarts, workforce.status()[1]!.restarts]).toEqual([0, 1]);
  });

  it.each<[string, () => unknown]>([
    ['the slot is filled earlier', () => workforce.fill(workforce.slots[1]!)],
    ['the slot is closed', () => workforce.close(1)],
    ['the host stops', () => workforce.cancelRefills()],
    [
      'a spare gets the slot',
      () => workforce.promote(new FakeWorkerHandle(-1).handle, workforce.slots[1]!),
    ],
  ])('forks no worker after the delay if %s', async (_, happen) => {
    workforce.refillAfter(workforce.slots[1]!, 400);
    happen();
    const before = forked.length;
    await clock.advance(400);
    expect([forked.length, clock.pending]).toEqual([before, 0]);
  });

  it('opens slots at the end, and closes them from there', () => {
    expect(workforce.open(4).map(({ index }) => index)).toEqual([2, 3]);
    fill();
    expect(workforce.close(1).map(({ index }) => index)).toEqual([1, 2, 3]);
    const [kept, closed] = [workforce.slots[0]!, workforce.slotOf(forked[3]!.handle)!];
    expect([workforce.isOpen(kept), workforce.isOpen(closed)]).toEqual([true, false]);
    expect(workforce.status().map(({ slot }) => slot)).toEqual([0, 1, 2, 3]);
    forked.slice(1).forEach(worker => ends(worker));
    expect(workforce.status().map(({ slot }) => slot)).toEqual([0]);
    expect(workforce.workers).toEqual([forked[0]]);
  });

  it('moves a spare into a slot', () => {
    const spare = new FakeWorkerHandle(-1);
    workforce.addSpare(spare.handle);
    expect([workforce.spares, workforce.workers]).toEqual([[spare], [spare]]);
    workforce.promote(spare.handle, workforce.slots[0]!);
    expect([workforce.spares, workforce.slots[0]!.current]).toEqual([[], spare]);
  });

  it('gives the slot to the successor when the current worker leaves or exits', () => {
    fill();
    const slot = workforce.slots[0]!;
    const successor: WorkerHandle = workforce.addSuccessor(slot, false);
    expect(slot.current).toBe(forked[0]);
    expect(slot.vacate(forked[0]!.handle)).toBe(true);
    expect([slot.current, slot.successor, slot.workers]).toEqual([
      successor,
      undefined,
      [forked[0], successor],
    ]);
    expect(slot.vacate(forked[0]!.handle)).toBe(false);
    ends(forked[0]!);
    expect(slot.workers).toEqual([successor]);
  });

  it('knows the process ids of the workers that could be started', () => {
    fill();
    workforce.addSpare(Object.assign(new FakeWorkerHandle(-1), { pid: -1 }).handle);
    expect(workforce.pids).toEqual(forked.map(({ pid }) => pid));
  });
});
