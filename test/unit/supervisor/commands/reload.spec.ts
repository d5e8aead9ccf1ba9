import { beforeEach, describe, expect, it } from 'vitest';
import { Reload } from '../../../../src/supervisor/commands/reload.js';
import { WorkerFailedError } from '../../../../src/supervisor/commands/worker-failed.error.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import type { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';
import { FakeWorkforce } from '../../../support/fakes/fake-workforce.js';

let fakes: FakeWorkforce;
let stop: AbortController;
let reload: Reload;
let outcome: unknown;

function prepare(size: number, { maxSurge = 1, soak = 0 } = {}): void {
  fakes = new FakeWorkforce(size);
  fakes.generation = 1;
  stop = new AbortController();
  outcome = 'pending';
  const { workforce, clock, dismiss } = fakes;
  reload = new Reload(1, { options: { maxSurge, soak }, workforce, clock, dismiss });
}

async function run(): Promise<void> {
  reload.run(stop.signal).then(
    () => (outcome = 'done'),
    (error: unknown) => (outcome = error),
  );
  await settle();
}

/** The workers of the previous and of the new generation. */
const old = (slot: number): FakeWorkerHandle => fakes.forked[slot]!;
const next = (place: number): FakeWorkerHandle =>
  fakes.forked.filter(({ generation }) => generation === 1)[place]!;
const newSlots = (): number[] =>
  fakes.forked.filter(({ generation }) => generation === 1).map(({ slot }) => slot);

describe('Reload', () => {
  beforeEach(() => prepare(3));

  it('replaces one worker after the other, and tells the generation and the duration', async () => {
    await run();
    for (const slot of [0, 1, 2]) {
      expect(newSlots()).toEqual([0, 1, 2].slice(0, slot + 1));
      await fakes.clock.advance(100);
      await fakes.ready(next(slot));
      expect(old(slot).orders).toEqual(['drain reload']);
      await fakes.end(old(slot));
    }
    expect(outcome).toBe('done');
    expect(await reload.ready).toEqual({ generation: 1, duration: 300 });
  });

  it('replaces several at a time, but only after the canary has soaked', async () => {
    prepare(4, { maxSurge: 2, soak: 1_000 });
    await run();
    await fakes.change(() => (next(0).state = 'standby'));
    await fakes.clock.advance(500);
    await fakes.ready(next(0));
    await fakes.clock.advance(499);
    expect([newSlots(), old(0).orders]).toEqual([[0], []]);
    await fakes.clock.advance(1);
    expect([newSlots(), old(0).orders]).toEqual([[0, 1], ['drain reload']]);
    await fakes.end(old(0));
    expect(newSlots()).toEqual([0, 1, 2]);
  });

  it('tells its phase, and how many slots it has replaced', async () => {
    prepare(2, { soak: 1_000 });
    await run();
    const seen = [[reload.phase, reload.replaced]];
    const note = (): void => void seen.push([reload.phase, reload.replaced]);
    await fakes.change(() => (next(0).state = 'standby'));
    next(0).hasBooted = true;
    note();
    await fakes.clock.advance(500);
    await fakes.ready(next(0));
    note();
    await fakes.clock.advance(500);
    note();
    await fakes.end(old(0));
    await fakes.ready(next(1));
    note();
    expect(seen).toEqual([
      ['canary', 0],
      ['soak', 0],
      ['soak', 1],
      ['rolling', 1],
      ['rolling', 2],
    ]);
  });

  it('fails with the canary, and no other worker notices', async () => {
    await run();
    const reason = next(0).ends('boot-failed');
    reload.onExit(next(0).handle);
    await fakes.end(next(0), reason.reason);
    expect(outcome).toBeInstanceOf(WorkerFailedError);
    expect([0, 1, 2].flatMap(slot => old(slot).orders)).toEqual([]);
  });

  it('takes back what does not serve yet when new code fails elsewhere', async () => {
    prepare(3, { maxSurge: 2 });
    await run();
    await fakes.ready(next(0));
    await fakes.end(old(0));
    expect(newSlots()).toEqual([0, 1, 2]);
    next(0).ends('crashed');
    reload.onExit(next(0).handle);
    await settle();
    expect([next(1).orders, next(2).orders]).toEqual([['kill killed'], ['kill killed']]);
    await fakes.change(() => {});
    expect(outcome).toBeInstanceOf(WorkerFailedError);
    expect([old(1).orders, old(2).orders]).toEqual([[], []]);
  });

  it.each([
    ['an old worker fails', () => old(2), 'crashed', {}],
    ['a new worker is killed from outside', () => next(0), 'crashed', { code: null }],
    ['a new worker leaves', () => next(0), 'left', {}],
  ] as const)('goes on when %s', async (_, which, reason, details) => {
    await run();
    await fakes.ready(next(0));
    which().ends(reason, details);
    reload.onExit(which().handle);
    await settle();
    expect(outcome).toBe('pending');
  });

  it('replaces a canary that got a signal by another one', async () => {
    await run();
    next(0).ending.leftOnSignal = true;
    await fakes.end(next(0));
    expect([newSlots(), outcome]).toEqual([[0, 0], 'pending']);
  });

  it('replaces the workers that wait for the answer last and together, and after it', async () => {
    reload.addCaller(old(0).handle);
    reload.addCaller(old(1).handle);
    let hasAnswer = false;
    void reload.ready.then(() => (hasAnswer = true));
    await run();
    expect(newSlots()).toEqual([2]);
    await fakes.ready(next(0));
    await fakes.end(old(2));
    await fakes.ready(next(1));
    expect([newSlots(), old(0).orders, hasAnswer]).toEqual([[2, 0, 1], [], false]);
    await fakes.ready(next(2));
    await settle();
    expect(hasAnswer).toBe(true);
    expect([old(0).orders, old(1).orders]).toEqual([['drain reload'], ['drain reload']]);
    await fakes.end(old(0));
    await fakes.end(old(1));
    expect(outcome).toBe('done');
  });

  it('gives a slot whose new worker was lost another one before it is done', async () => {
    prepare(2);
    reload.addCaller(old(1).handle);
    await run();
    await fakes.ready(next(0));
    await fakes.end(old(0));
    // Killed from outside; the slot got another worker of the old code, as from a spare.
    await fakes.end(next(0), 'killed');
    const [slot] = fakes.workforce.slots;
    fakes.generation = 0;
    fakes.workforce.fill(slot!);
    fakes.generation = 1;
    await fakes.ready(fakes.forked.at(-1)!);
    await fakes.ready(next(1));
    expect([newSlots(), outcome]).toEqual([[0, 1, 0], 'pending']);
    await fakes.ready(next(2));
    await settle();
    expect(await reload.ready).toMatchObject({ generation: 1 });
  });

  it('forks no further worker after a stop', async () => {
    await run();
    stop.abort('stopping');
    await settle();
    expect([outcome, newSlots()]).toEqual(['stopping', [0]]);
  });
});
