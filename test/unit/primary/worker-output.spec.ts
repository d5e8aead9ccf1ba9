import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { BootFailures } from '../../../src/primary/boot-failures.js';
import { WorkerOutput } from '../../../src/primary/worker-output.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';

let clock: FakeClock;
let sink: PassThrough;
const printed = (): string => String(sink.read() ?? '');

beforeEach(() => {
  clock = new FakeClock();
  sink = new PassThrough();
});

async function said(text: string): Promise<WorkerOutput> {
  const source = new PassThrough();
  const output = new WorkerOutput(source, sink, clock);
  source.write(text);
  await settle();
  return output;
}

describe('WorkerOutput', () => {
  it('holds back what is said at boot, and then passes everything through', async () => {
    const source = new PassThrough();
    const output = new WorkerOutput(source, sink, clock);
    source.write('early ');
    await settle();
    expect(printed()).toBe('');
    output.release();
    source.write('late');
    await settle();
    expect(printed()).toBe('early late');
    expect(output.tail).toBe('early late');
    expect(clock.pending).toBe(0);
  });

  it('does not hold back a boot that takes long', async () => {
    await said('still waiting for the database');
    await clock.advance(10_000);
    expect(printed()).toBe('still waiting for the database');
  });

  it('keeps the end of it only', async () => {
    const output = await said(`${'x'.repeat(20_000)}the end`);
    expect(output.tail.length).toBeLessThan(10_000);
    expect(output.tail.endsWith('the end')).toBe(true);
  });

  it('keeps back lines that are none of the worker, in whatever pieces they come', async () => {
    const source = new PassThrough();
    const output = new WorkerOutput(source, sink, clock);
    output.release();
    source.write('before ');
    await settle();
    output.sift(line => line.startsWith('Node:'));
    source.write('Node: one\nmine');
    source.write(' é'.slice(0, 1));
    source.write(Buffer.from('é').subarray(0, 1));
    source.write(Buffer.from('é').subarray(1));
    source.write('\nNo');
    source.write('de: two\n\nthe end');
    await settle();
    expect(printed()).toBe('before mine é\n\n');
    source.end();
    await settle();
    expect(printed()).toBe('the end');
    expect(output.tail).toBe('before mine é\n\nthe end');
  });

  it('does not wait for the end of a line that is too long to be one of those', async () => {
    const source = new PassThrough();
    const output = new WorkerOutput(source, sink, clock);
    output.release();
    output.sift(() => false);
    source.write('x'.repeat(2_000));
    await settle();
    expect(printed()).toBe('x'.repeat(2_000));
  });
});

describe('BootFailures', () => {
  it('prints nothing of workers once it is known why none can boot', async () => {
    const failures = new BootFailures();
    const source = new PassThrough();
    const output = new WorkerOutput(source, sink, clock);
    source.write('Error: listen EADDRINUSE\n');
    await settle();
    failures.explained();
    failures.add(0, output);
    source.write('    at its stack, which was late\n');
    await settle();
    failures.add(1, await said('Error: something else\n'));
    expect(printed()).toBe('');
  });

  it('does not repeat it, nor its beginning, for a worker that was killed while it said so', async () => {
    const failures = new BootFailures();
    failures.add(0, await said('[1] Error: no database\n    at connect'));
    failures.printNews(1, await said('[2] Error: no database\n    at connect'));
    failures.printNews(1, await said('[3] Error: no data'));
    failures.printNews(1, await said('[4] I am new'));
    expect(printed()).toBe('[1] Error: no database\n    at connect[4] I am new');
    expect(failures.count).toBe(1);
  });

  it('prints the same failure once, and another one too', async () => {
    const failures = new BootFailures();
    failures.add(0, await said('[1] Error: no database'));
    failures.add(1, await said('[2] Error: no database'));
    failures.add(1, await said('[3] Error: no port'));
    expect(printed()).toBe('[1] Error: no database[3] Error: no port');
    expect(failures.count).toBe(2);
    failures.clear(1);
    expect(failures.count).toBe(0);
    failures.add(0, await said('[9] Error: no port'));
    expect(printed()).toBe('[9] Error: no port');
  });
});
