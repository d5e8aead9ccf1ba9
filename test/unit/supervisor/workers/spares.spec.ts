import { beforeEach, describe, expect, it } from 'vitest';
import { Generation } from '../../../../src/supervisor/workers/generation.js';
import { Slot } from '../../../../src/supervisor/workers/slot.js';
import { Spares } from '../../../../src/supervisor/workers/spares.js';
import { Workforce } from '../../../../src/supervisor/workers/workforce.js';
import { FakeClock } from '../../../support/fakes/fake-clock.js';
import { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';

let clock: FakeClock;
let forked: FakeWorkerHandle[];
let dismissed: unknown[];
let promoted: unknown[];
let logged: string[];
let generation: Generation;
let workforce: Workforce;
let slot: Slot;

beforeEach(() => {
  clock = new FakeClock();
  forked = [];
  dismissed = [];
  promoted = [];
  logged = [];
  generation = new Generation();
  workforce = new Workforce(
    1,
    clock,
    ({ index }) => new FakeWorkerHandle(index).handle,
    () => {},
  );
  slot = workforce.slots[0]!;
});

function log(text: string): void {
  logged.push(text);
}

function sparesOf(count: number): Spares {
  return new Spares({
    count,
    restart: { initialDelay: 100, maxDelay: 1_000 },
    workforce,
    clock,
    logger: { log, warn: log },
    fork: () => {
      const spare = new FakeWorkerHandle(-1, generation.current);
      spare.state = 'booting';
      forked.push(spare);
      return spare.handle;
    },
    generation,
    dismiss: async (...workers) => void dismissed.push(...workers),
    onPromoted: spare => promoted.push(spare),
  });
}

function openWithStandby(): [Spares, FakeWorkerHandle] {
  const spares = sparesOf(1);
  spares.open();
  forked[0]!.state = 'standby';
  spares.onStandby(forked[0]!.handle);
  return [spares, forked[0]!];
}

/** Ends the only spare. */
function loseSpare(spares: Spares, spare: FakeWorkerHandle): void {
  workforce.removeSpare(spare.handle);
  spares.onExit(spare.ends('boot-failed').reason);
}

describe('Spares', () => {
  it('starts no spare before it is opened, and then as many as wanted', () => {
    const spares = sparesOf(2);
    expect(spares.promote(slot, 0)).toBeUndefined();
    expect(forked).toHaveLength(0);
    spares.open();
    expect(forked.map(({ slot: place }) => place)).toEqual([-1, -1]);
    expect(workforce.spares).toHaveLength(2);
  });

  it('gives a waiting spare the slot, says so, and starts another one after the delay', async () => {
    const [spares, spare] = openWithStandby();
    expect(spares.promote(slot, 50)).toBe(spare);
    expect(slot.current).toBe(spare);
    expect(spare.orders).toEqual(['promote 0']);
    expect(promoted).toEqual([spare]);
    expect(logged).toEqual([`The spare (pid ${spare.pid}) takes over slot 0`]);
    await clock.advance(49);
    expect(forked).toHaveLength(1);
    await clock.advance(1);
    expect(forked).toHaveLength(2);
  });

  it.each([
    ['boots', (spare: FakeWorkerHandle) => (spare.state = 'booting')],
    ['drains', (spare: FakeWorkerHandle) => (spare.state = 'draining')],
    ['hangs', (spare: FakeWorkerHandle) => (spare.isHung = true)],
    ['is of an earlier generation', () => generation.current++],
  ])('does not promote a spare that %s', (_, spoil) => {
    const [spares, spare] = openWithStandby();
    spoil(spare);
    expect(spares.promote(slot, 0)).toBeUndefined();
    expect(slot.current).toBeUndefined();
  });

  it('replaces the spares of earlier generations, and dismisses each once', () => {
    const [spares, spare] = openWithStandby();
    generation.current = 1;
    spares.renew();
    expect(dismissed).toEqual([spare]);
    expect(forked.map(worker => worker.generation)).toEqual([0, 1]);
    spare.state = 'draining';
    spares.renew();
    expect([dismissed.length, forked.length]).toEqual([1, 2]);
  });

  it('starts a failed spare again later and later, until one has booted', async () => {
    const spares = sparesOf(1);
    spares.open();
    for (let failures = 1; failures <= 5; failures++) {
      loseSpare(spares, forked.at(-1)!);
      await clock.advance(1_000);
      expect(forked).toHaveLength(failures + 1);
    }
    spares.onStandby(forked.at(-1)!.handle);
    loseSpare(spares, forked.at(-1)!);
    await clock.advance(100);
    expect(forked).toHaveLength(7);
  });

  it('replaces a spare that has left without a delay', async () => {
    const [spares, spare] = openWithStandby();
    workforce.removeSpare(spare.handle);
    spares.onExit('left');
    await clock.advance(0);
    expect(forked).toHaveLength(2);
  });

  it('starts none any more after it was closed', async () => {
    const [spares, spare] = openWithStandby();
    loseSpare(spares, spare);
    spares.close();
    spares.renew();
    await clock.advance(10_000);
    expect([forked.length, clock.pending]).toEqual([1, 0]);
  });

  it('warns once about an application whose workers cannot wait, and tries the code of the next reload', () => {
    const spares = sparesOf(2);
    spares.open();
    forked.forEach(spare => spares.onUnpromotable(spare.handle));
    expect(logged).toEqual([expect.stringMatching(/^Spares are disabled \(spare\)/)]);
    expect(dismissed).toEqual(forked);
    forked.forEach(spare => workforce.removeSpare(spare.handle));
    spares.onExit('left');
    expect(clock.pending).toBe(0);
    generation.current = 1;
    spares.renew();
    expect(forked).toHaveLength(4);
  });
});
