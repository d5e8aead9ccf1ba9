import { beforeEach, describe, expect, it } from '@jest/globals';
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

  it('forgets a worker that has left while it waited for its turn', async () => {
    await beats(one, LARGE);
    await beats(other, LARGE);
    await fakes.end(other, 'crashed');
    await fakes.ready(fakes.forked[2]!);
    await fakes.end(one);
    expect(fakes.forked).toHaveLength(3);
  });
});
