import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { WorkerOutputs } from '../../../../../src/supervisor/workers/handle/worker-outputs.js';
import { FakeClock, settle } from '../../../../support/fakes/fake-clock.js';
import { FakeOutputs } from '../../../../support/fakes/fake-outputs.js';

/** Half of what is kept for a reader that is too slow. */
const MUCH = Buffer.alloc(2 ** 20, '.\n');

let clock: FakeClock;
let sinks: FakeOutputs;
let seen: unknown[];

beforeEach(() => {
  clock = new FakeClock();
  sinks = new FakeOutputs();
  seen = [];
});

function outputsOf(stdout: PassThrough | null, stderr: PassThrough | null): WorkerOutputs {
  return new WorkerOutputs({ stdout, stderr }, sinks, clock, {
    onPaused: stream => seen.push(['paused', stream]),
    onResumed: (stream, duration) => seen.push(['resumed', stream, duration]),
  });
}

/** Writes as much as is kept. */
async function talk(stream: PassThrough): Promise<void> {
  for (let part = 0; part < 2; part++) {
    stream.write(MUCH);
    await settle();
  }
}

describe('WorkerOutputs', () => {
  it('holds back the standard error of a boot, and no standard output', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const outputs = outputsOf(stdout, stderr);
    stdout.write('out\n');
    stderr.write('err\n');
    await settle();
    expect([sinks.logs.stdout.text, sinks.logs.stderr.text]).toEqual(['out\n', '']);
    outputs.stderr!.release();
    await settle();
    expect(sinks.logs.stderr.text).toBe('err\n');
  });

  it('shows whole lines at the end of a stream, and no line that will be shown later', async () => {
    const stdout = new PassThrough();
    const outputs = outputsOf(stdout, null);
    const line = `${'é'.repeat(400)}\n`;
    stdout.write(line.repeat(20));
    stdout.write('unfini');
    await settle();
    expect(outputs.tails.stdout).toBe(line.repeat(10));
    await clock.advance(100);
    expect(outputs.tails.stdout).toBe(`${line.repeat(10)}unfini`);
  });

  it('reports how long a stream was not read', async () => {
    const stdout = new PassThrough();
    const outputs = outputsOf(stdout, null);
    sinks.logs.stdout.stopReading();
    await talk(stdout);
    expect([outputs.isPaused, seen]).toEqual([true, [['paused', 'stdout']]]);
    await clock.advance(700);
    sinks.logs.stdout.read();
    await settle();
    expect([outputs.isPaused, seen.at(-1)]).toEqual([false, ['resumed', 'stdout', 700]]);
  });

  it('blocks a worker that leaves no longer', async () => {
    const stdout = new PassThrough();
    const outputs = outputsOf(stdout, null);
    sinks.logs.stdout.stopReading();
    await talk(stdout);
    outputs.letFlow();
    expect([outputs.isPaused, seen.at(-1)]).toEqual([false, ['resumed', 'stdout', 0]]);
    await talk(stdout);
    expect(outputs.isPaused).toBe(false);
  });

  it('has no part in streams that a worker inherits', () => {
    const outputs = outputsOf(null, null);
    expect([outputs.stderr, outputs.isPaused]).toEqual([undefined, false]);
  });
});
