import { beforeEach, describe, expect, it } from 'vitest';
import type { HostLifecycleEvent } from '../../../../src/model/events/cluster-event.interface.js';
import { HostStoppingError } from '../../../../src/model/errors/host-stopping.error.js';
import { CommandQueue } from '../../../../src/supervisor/commands/command-queue.js';
import { ReloadQueue } from '../../../../src/supervisor/commands/reload-queue.js';
import { WorkerFailedError } from '../../../../src/supervisor/commands/worker-failed.error.js';
import { Generation } from '../../../../src/supervisor/workers/generation.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import { FakeWorkforce } from '../../../support/fakes/fake-workforce.js';

let fakes: FakeWorkforce;
let commands: CommandQueue;
let generation: Generation;
let logged: string[];
let events: HostLifecycleEvent[];
let ends: number[];
let reloads: ReloadQueue;

function log(text: string): void {
  logged.push(text);
}

beforeEach(() => {
  fakes = new FakeWorkforce(1);
  commands = new CommandQueue();
  generation = new Generation();
  logged = [];
  events = [];
  ends = [];
  const { workforce, clock, dismiss } = fakes;
  reloads = new ReloadQueue({
    options: { maxSurge: 1, soak: 0 },
    workforce,
    clock,
    dismiss,
    commands,
    generation,
    logger: { log, error: log },
    publish: event => {
      events.push(event);
      fakes.generation = generation.current;
    },
    onEnd: () => ends.push(generation.current),
  });
});

/** Lets the newest worker be ready, and its predecessor leave. */
async function succeed(): Promise<void> {
  await fakes.ready(fakes.forked.at(-1)!);
  await settle();
  await fakes.end(fakes.forked.at(-2)!);
}

async function fail(): Promise<void> {
  const worker = fakes.forked.at(-1)!;
  worker.ending.error = 'Error: no database';
  await fakes.change(() => {
    worker.ends('boot-failed');
    reloads.onExit(worker.handle);
  });
  await fakes.end(worker, 'boot-failed');
}

describe('ReloadQueue', () => {
  it('counts generations, logs the outcome, and publishes it', async () => {
    expect(reloads.progress).toBeUndefined();
    const result = reloads.ask();
    await settle();
    const startedAt = fakes.clock.wallTime();
    const slots = { startedAt, generation: 1, wanted: 1 };
    expect(reloads.progress).toEqual({ ...slots, phase: 'canary', replaced: 0 });
    expect([reloads.generation, generation.current]).toEqual([1, 1]);
    await fakes.clock.advance(1_500);
    await succeed();
    expect(await result).toEqual({ generation: 1, duration: 1_500 });
    expect(logged).toEqual([
      'Reloading to generation 1: each new worker becomes ready before its predecessor drains',
      'Reloaded to generation 1 in 1.5 s',
    ]);
    expect(events).toMatchObject([
      { type: 'reloadStarted', generation: 1 },
      { type: 'reloadFinished', generation: 1, outcome: 'done', duration: 1_500 },
    ]);
    expect(ends).toEqual([1]);
    const progress = { ...slots, phase: 'done', replaced: 1, duration: 1_500 };
    expect(reloads.progress).toEqual(progress);
  });

  it('returns to the generation before if it fails, but never counts one twice', async () => {
    const result = reloads.ask();
    await settle();
    const rejected = expect(result).rejects.toBeInstanceOf(WorkerFailedError);
    await fail();
    await rejected;
    expect(logged.at(-1)).toMatch(
      /^The reload to generation 1 failed; workers that were not replaced continue to serve\. Cause: .*no database/,
    );
    expect(events.at(-1)).toMatchObject({
      type: 'reloadFinished',
      outcome: 'failed',
      error: expect.stringContaining('no database'),
    });
    expect([generation.current, ends]).toEqual([0, [0]]);
    expect(reloads.progress).toMatchObject({
      phase: 'failed',
      replaced: 0,
      error: expect.stringContaining('no database'),
      worker: { slot: 0, reason: 'boot-failed' },
    });
    void reloads.ask();
    await settle();
    expect(generation.current).toBe(2);
  });

  it('answers all requests that arrive during a reload by one more', async () => {
    const first = reloads.ask();
    await settle();
    const others = [reloads.ask(), reloads.ask(fakes.forked[0]!.handle)];
    await succeed();
    expect(await first).toMatchObject({ generation: 1 });
    await settle();
    await succeed();
    expect(await Promise.all(others)).toMatchObject([{ generation: 2 }, { generation: 2 }]);
    expect(events.filter(({ type }) => type === 'reloadStarted')).toHaveLength(2);
  });

  it('is rejected when the host stops, which is not a failure of the code', async () => {
    const [running, waiting] = [reloads.ask(), settle().then(() => reloads.ask())];
    const rejected = [running, waiting].map(promise =>
      expect(promise).rejects.toBeInstanceOf(HostStoppingError),
    );
    await settle();
    await commands.preempt(async () => {});
    await Promise.all(rejected);
    expect(events.at(-1)).toMatchObject({ type: 'reloadFinished', outcome: 'stopped' });
    expect(logged).toHaveLength(1);
  });
});
