import { beforeEach, describe, expect, it } from 'vitest';
import { CommandQueue } from '../../../../src/supervisor/commands/command-queue.js';
import { Recycling } from '../../../../src/supervisor/commands/recycling.js';
import type { FakeWorkerHandle } from '../../../support/fakes/fake-worker-handle.js';
import { settle } from '../../../support/fakes/fake-clock.js';
import { FakeWorkforce } from '../../../support/fakes/fake-workforce.js';

const MEBIBYTE = 2 ** 20;

let fakes: FakeWorkforce;
let logged: string[];
let recycling: Recycling;
let one: FakeWorkerHandle;
let other: FakeWorkerHandle;

function log(text: string): void {
  logged.push(text);
}

beforeEach(() => {
  fakes = new FakeWorkforce(2);
  [one, other] = fakes.forked as [FakeWorkerHandle, FakeWorkerHandle];
  logged = [];
  const { workforce, clock, dismiss } = fakes;
  recycling = new Recycling({
    options: { maxMemory: 100 * MEBIBYTE, maxRequests: 1_000, maxAge: 60_000, jitter: 0 },
    memory: { limit: undefined, total: 1024 * MEBIBYTE },
    commands: new CommandQueue(),
    workforce,
    clock,
    logger: { log, warn: log, error: log },
    dismiss,
  });
});

async function beats(
  worker: FakeWorkerHandle,
  { memory = 0, requests = 0, readyFor = 0 } = {},
): Promise<void> {
  worker.vitals = {
    memory,
    requests,
    eventLoopDelay: 0,
    eventLoopDelayP99: 0,
    eventLoopUtilization: 0,
  };
  worker.readyFor = readyFor;
  recycling.consider(worker.handle);
  await settle();
}

function warnings(): string[] {
  return logged.filter(text => text.includes('Raise recycle.maxMemory'));
}

const LARGE = { memory: 100 * MEBIBYTE };

describe('Recycling', () => {
  it('leaves workers below the limits alone, and those that are not ready', async () => {
    await beats(one, { memory: 99 * MEBIBYTE, requests: 999, readyFor: 59_999 });
    other.state = 'draining';
    await beats(other, LARGE);
    recycling.consider(one.handle);
    expect([logged, fakes.forked.length]).toEqual([[], 2]);
  });

  it.each([
    [LARGE, 'it uses 100 MB (recycle.maxMemory)'],
    [{ requests: 1_000 }, 'it has handled 1000 requests (recycle.maxRequests)'],
    [{ readyFor: 60_000 }, 'it has run for 60.0 s (recycle.maxAge)'],
  ])('replaces a worker with %j', async (vitals, reason) => {
    one.uptime = 60_000;
    await beats(one, vitals);
    expect(logged).toEqual([`Replacing Worker 0 (generation 0, pid ${one.pid}): ${reason}`]);
    expect(one.orders).toEqual([]);
    await fakes.ready(fakes.forked[2]!);
    expect(one.orders).toEqual(['drain reload']);
  });

  it('replaces one worker at a time, and each once', async () => {
    await beats(one, LARGE);
    await beats(one, LARGE);
    await beats(other, LARGE);
    expect(fakes.forked).toHaveLength(3);
    await fakes.ready(fakes.forked[2]!);
    await fakes.end(one);
    expect(fakes.forked).toHaveLength(4);
    await fakes.ready(fakes.forked[3]!);
    await fakes.end(other);
    expect(fakes.workforce.workers).toEqual(fakes.forked.slice(2));
  });

  it('pauses for a minute after a replacement that failed', async () => {
    await beats(one, LARGE);
    fakes.forked[2]!.ending.error = 'Error: no database';
    await fakes.end(fakes.forked[2]!, 'boot-failed');
    expect(logged.at(-1)).toMatch(
      /failed; the worker continues to serve, and recycling is retried in 60\.0 s\. Cause: .*no database/,
    );
    await beats(one, LARGE);
    expect(fakes.forked).toHaveLength(3);
    await fakes.clock.advance(60_000);
    await beats(one, LARGE);
    expect(fakes.forked).toHaveLength(4);
  });

  it('tries again with the next heartbeat if the replacement got a signal', async () => {
    await beats(one, LARGE);
    fakes.forked[2]!.ending.leftOnSignal = true;
    await fakes.end(fakes.forked[2]!);
    await beats(one, LARGE);
    expect([logged.length, fakes.forked.length]).toEqual([2, 4]);
  });

  it('pauses if a replacement is too large itself: the limit is too low', async () => {
    await beats(one, LARGE);
    const heir = fakes.forked[2]!;
    await fakes.ready(heir);
    await fakes.end(one);
    await beats(heir, { ...LARGE, readyFor: 5_000 });
    expect(logged.at(-1)).toMatch(/Raise recycle\.maxMemory, or run fewer workers$/);
    await beats(heir, { ...LARGE, readyFor: 10_000 });
    expect(fakes.forked).toHaveLength(3);
    await fakes.clock.advance(60_000);
    await beats(heir, { ...LARGE, readyFor: 70_000 });
    expect(fakes.forked).toHaveLength(4);
  });

  describe('a replacement that is too large itself', () => {
    it('is noticed if its vitals arrive together with the news that it is ready', async () => {
      await beats(one, LARGE);
      const heir = fakes.forked[2]!;
      heir.state = 'ready';
      // Its heartbeat is read in the same turn, before anything that waits for it goes on.
      fakes.workforce.changed();
      await beats(heir, LARGE);
      expect(one.orders).toEqual(['drain reload']);
      await fakes.end(one);
      await beats(heir, { ...LARGE, readyFor: 1_000 });
      await beats(other, LARGE);
      expect([warnings().length, fakes.forked.length]).toEqual([1, 3]);
    });

    it('is noticed if its vitals arrive before it is ready, and again with it', async () => {
      await beats(one, LARGE);
      const heir = fakes.forked[2]!;
      await beats(heir, LARGE);
      expect(warnings()).toEqual([]);
      heir.state = 'ready';
      await beats(heir, LARGE);
      await fakes.change(() => {});
      await fakes.end(one);
      await beats(heir, { ...LARGE, readyFor: 1_000 });
      expect([warnings().length, fakes.forked.length]).toEqual([1, 3]);
    });

    it('makes workers that wait for their turn wait for the end of the pause', async () => {
      await beats(one, LARGE);
      await beats(other, LARGE);
      const heir = fakes.forked[2]!;
      heir.state = 'ready';
      await beats(heir, LARGE);
      await fakes.change(() => {});
      await fakes.end(one);
      expect(fakes.forked).toHaveLength(3);
      await fakes.clock.advance(60_000);
      await beats(other, LARGE);
      expect(fakes.forked).toHaveLength(4);
    });

    it('is warned of once, where the next one was forked before its vitals came', async () => {
      await beats(one, LARGE);
      await beats(other, LARGE);
      await fakes.ready(fakes.forked[2]!);
      await fakes.end(one);
      await fakes.ready(fakes.forked[3]!);
      await fakes.end(other);
      await beats(fakes.forked[2]!, LARGE);
      await fakes.clock.advance(30_000);
      await beats(fakes.forked[3]!, { ...LARGE, readyFor: 30_000 });
      await fakes.clock.advance(29_999);
      await beats(fakes.forked[3]!, { ...LARGE, readyFor: 59_999 });
      expect([warnings().length, fakes.forked.length]).toEqual([1, 4]);
    });

    it('is an old worker like any other when it has served for a minute', async () => {
      await beats(one, LARGE);
      const heir = fakes.forked[2]!;
      await fakes.ready(heir);
      await fakes.end(one);
      await beats(heir, { ...LARGE, readyFor: 60_000 });
      expect([warnings().length, fakes.forked.length]).toEqual([0, 4]);
    });
  });

  it('does not pause for what replaced a worker of its age or requests', async () => {
    await beats(one, { requests: 1_000 });
    const successor = fakes.forked[2]!;
    successor.state = 'ready';
    await beats(successor, { requests: 1_000 });
    await fakes.change(() => {});
    await fakes.end(one);
    expect([logged.length, fakes.forked.length]).toEqual([2, 4]);
  });

  it('pauses if a replacement ends before its predecessor may leave', async () => {
    await beats(one, LARGE);
    const heir = fakes.forked[2]!;
    heir.state = 'ready';
    fakes.workforce.changed();
    // It is gone before the command goes on.
    await fakes.end(heir, 'crashed');
    expect(logged.at(-1)).toMatch(/failed; the worker continues to serve/);
    await beats(one, LARGE);
    expect(fakes.forked).toHaveLength(3);
  });

  it('leaves a hung worker alone, which is being replaced', async () => {
    one.isHung = true;
    await beats(one, LARGE);
    expect([logged, fakes.forked.length]).toEqual([[], 2]);
  });

  it('forgets a worker that has left while it waited for its turn', async () => {
    await beats(one, LARGE);
    await beats(other, LARGE);
    await fakes.end(other, 'crashed');
    await fakes.ready(fakes.forked[2]!);
    await fakes.end(one);
    expect(fakes.forked).toHaveLength(3);
  });
});
