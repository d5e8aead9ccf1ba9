import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { afterLastWords } from '../../../../../src/supervisor/workers/handle/last-words.js';
import { FakeClock, settle } from '../../../../support/fakes/fake-clock.js';

let clock: FakeClock;
let stdout: PassThrough;
let stderr: PassThrough;
let calls: number;

beforeEach(() => {
  clock = new FakeClock();
  stdout = new PassThrough();
  stderr = new PassThrough();
  calls = 0;
});

function wait(streams: { stdout: PassThrough | null; stderr: PassThrough | null }): void {
  afterLastWords(streams, clock, () => calls++);
}

describe('afterLastWords()', () => {
  it('calls back at once if there is no open stream', () => {
    wait({ stdout: null, stderr: null });
    stdout.destroy();
    wait({ stdout, stderr: null });
    expect([calls, clock.pending]).toEqual([2, 0]);
  });

  it('calls back once when both streams have closed', async () => {
    wait({ stdout, stderr });
    stdout.destroy();
    await settle();
    expect(calls).toBe(0);
    stderr.destroy();
    await settle();
    expect([calls, clock.pending]).toEqual([1, 0]);
  });

  it('waits no longer than 100 ms for a stream that a child of the worker keeps open', async () => {
    wait({ stdout, stderr });
    stdout.destroy();
    await clock.advance(99);
    expect(calls).toBe(0);
    await clock.advance(1);
    stderr.destroy();
    await settle();
    expect([calls, stderr.listenerCount('close')]).toEqual([1, 0]);
  });
});
