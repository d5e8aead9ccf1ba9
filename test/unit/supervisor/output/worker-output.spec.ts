import { PassThrough, Writable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { BootFailures } from '../../../../src/supervisor/policies/boot-failures.js';
import { flushSinks, OutputSink } from '../../../../src/supervisor/output/output-sink.js';
import { errorLine } from '../../../../src/supervisor/output/output-summary.js';
import { WorkerOutput } from '../../../../src/supervisor/output/worker-output.js';
import { FakeClock, settle } from '../../../support/fakes/fake-clock.js';
import { FakeLog } from '../../../support/fakes/fake-outputs.js';

const MEBIBYTE = 2 ** 20;

let clock: FakeClock;
let log: FakeLog;
let sink: OutputSink;
/** What has been printed since the last call. */
function printed(): string {
  const { text } = log;
  log.text = '';
  return text;
}

beforeEach(() => {
  clock = new FakeClock();
  log = new FakeLog();
  sink = new OutputSink(log);
});

function passesThrough(source: PassThrough): WorkerOutput {
  return new WorkerOutput(source, sink, clock, { isHeld: false });
}

async function said(text: string): Promise<WorkerOutput> {
  const source = new PassThrough();
  const output = new WorkerOutput(source, sink, clock);
  source.end(text);
  await settle();
  return output;
}

describe('WorkerOutput', () => {
  it('holds back what is said at boot, and then passes everything through', async () => {
    const source = new PassThrough();
    const output = new WorkerOutput(source, sink, clock);
    source.write('early\n');
    await settle();
    expect(printed()).toBe('');
    output.release();
    source.write('late\n');
    await settle();
    expect(printed()).toBe('early\nlate\n');
    expect(output.tail).toBe('early\nlate\n');
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

  it('keeps the end of what comes in many pieces', async () => {
    const source = new PassThrough();
    const output = new WorkerOutput(source, sink, clock);
    for (let piece = 0; piece < 5_000; piece++) {
      source.write(`${piece},`);
    }
    await settle();
    expect(output.tail).toMatch(/^[\d,]{8192}$/);
    expect(output.tail.endsWith(',4998,4999,')).toBe(true);
  });

  it('keeps back lines that are none of the worker, in whatever pieces they come', async () => {
    const source = new PassThrough();
    const output = new WorkerOutput(source, sink, clock);
    output.release();
    source.write('before ');
    await clock.advance(100);
    output.filter(line => line.startsWith('Node:'));
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
    output.filter(() => false);
    source.write('x'.repeat(2_000));
    await clock.advance(100);
    expect(printed()).toBe('x'.repeat(2_000));
  });

  it('does not break the lines of one worker by those of another', async () => {
    const [one, other] = [new PassThrough(), new PassThrough()];
    [one, other].forEach(source => passesThrough(source));
    one.write('{"one":');
    await settle();
    other.write('{"other":1}\nName: ');
    await settle();
    one.write('1}\n');
    await settle();
    expect(printed()).toBe('{"other":1}\n{"one":1}\n');
    // What does not end in a line is shown all the same: it may be a question.
    await clock.advance(100);
    expect(printed()).toBe('Name: ');
  });

  it('does not tear a record of 1 MiB, however slowly its pieces come', async () => {
    const [one, other] = [new PassThrough(), new PassThrough()];
    [one, other].forEach(source => passesThrough(source));
    const record = `${JSON.stringify({ message: 'x'.repeat(MEBIBYTE) })}\n`;
    for (let sent = 0; sent < record.length; sent += 64 * 1024) {
      one.write(record.slice(sent, sent + 64 * 1024));
      other.write('{"other":1}\n');
      await clock.advance(150);
    }
    const lines = printed().split(/(?<=\n)/);
    expect(lines.filter(line => line !== '{"other":1}\n').map(line => line === record)).toEqual([
      true,
    ]);
  });

  it('shows the beginning of a record whose end does not come', async () => {
    const source = new PassThrough();
    passesThrough(source);
    source.write('{"one":');
    await clock.advance(1_900);
    expect(printed()).toBe('');
    await clock.advance(100);
    expect(printed()).toBe('{"one":');
    expect(clock.pending).toBe(0);
  });

  it('shows a line of more than 1.5 MiB in pieces', async () => {
    const source = new PassThrough();
    passesThrough(source);
    source.write('x'.repeat(1.5 * MEBIBYTE + 1));
    await settle();
    expect(printed()).toHaveLength(1.5 * MEBIBYTE + 1);
    expect(clock.pending).toBe(0);
  });
});

/** A worker that writes as much as is taken from it. */
class Talker {
  readonly source = new PassThrough({ highWaterMark: 64 * 1024 });
  readonly told: string[] = [];
  readonly output: WorkerOutput;
  written = 0;

  constructor(isHeld: boolean) {
    this.output = new WorkerOutput(this.source, sink, clock, {
      isHeld,
      onPaused: () => this.told.push('paused'),
      onResumed: () => this.told.push('resumed'),
    });
  }

  /** Writes lines until it would have to wait, or so many bytes. */
  async talk(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; left -= 1024) {
      const line = `${String(this.written++).padStart(1023, '.')}\n`;
      if (!this.source.write(line)) {
        await settle();
        if (this.source.writableLength > 0) {
          return;
        }
      }
    }
  }
}

describe('an output that is read too slowly', () => {
  it.each([true, false])(
    'is not read from the worker either, and not lost (held: %s)',
    async isHeld => {
      log.stopReading();
      const talker = new Talker(isHeld);
      await talker.talk(20 * MEBIBYTE);
      expect(talker.told).toEqual(['paused']);
      expect(talker.output.isPaused).toBe(true);
      expect(talker.written).toBeLessThan((4 * MEBIBYTE) / 1024);
      log.read();
      await settle();
      await settle();
      expect(talker.told).toEqual(['paused', 'resumed']);
      await talker.talk(MEBIBYTE);
      await settle();
      const lines = log.text
        .split('\n')
        .slice(0, -1)
        .map(line => Number(line.slice(line.lastIndexOf('.') + 1)));
      expect(lines).toEqual(Array.from({ length: talker.written }, (_, line) => line));
      expect(sink.discarded).toBe(0);
    },
  );

  it('has room for a long record when the worker is about to be paused', async () => {
    log.stopReading();
    const talker = new Talker(false);
    await talker.talk(2 * MEBIBYTE - 1024);
    expect(talker.told).toEqual([]);
    talker.source.write(`${'x'.repeat(1.5 * MEBIBYTE - 1)}\n`);
    await settle();
    expect(talker.told).toEqual(['paused']);
    expect(sink.discarded).toBe(0);
  });

  it('does not keep a worker waiting that leaves: what is too much is counted', async () => {
    log.stopReading();
    const talker = new Talker(false);
    await talker.talk(20 * MEBIBYTE);
    talker.output.letFlow();
    expect(talker.told).toEqual(['paused', 'resumed']);
    await talker.talk(20 * MEBIBYTE);
    expect(talker.written).toBeGreaterThan((20 * MEBIBYTE) / 1024);
    expect(talker.told).toEqual(['paused', 'resumed']);
    log.read();
    await settle();
    expect(log.text.length).toBeLessThanOrEqual(4 * MEBIBYTE);
    expect(log.text.length + sink.discarded).toBe(talker.written * 1024);
  });

  it('puts small pieces together while they wait', async () => {
    log.stopReading();
    const source = new PassThrough();
    passesThrough(source);
    for (let line = 0; line < 1_000; line++) {
      source.write(`${line}\n`);
    }
    await settle();
    log.read();
    await settle();
    expect(log.text.split('\n')).toHaveLength(1_001);
    expect(log.writes).toBe(2);
  });

  it('is waited for at the end, as long as it is read', async () => {
    log.stopReading();
    const talker = new Talker(false);
    await talker.talk(MEBIBYTE);
    let isFlushed = false;
    const flushed = flushSinks([sink], clock, 1_000).then(() => (isFlushed = true));
    await clock.advance(900);
    expect(isFlushed).toBe(false);
    log.read();
    await clock.advance(100);
    await flushed;
    expect(log.text.length).toBe(MEBIBYTE);
  });

  it('is waited for at the end, as long as the other stream is read', async () => {
    log.stopReading();
    sink.write(Buffer.from('last\n'), () => {});
    const other = { left: 3 };
    const flushed = flushSinks([sink, other], clock, 1_000);
    for (; other.left > 0; other.left--) {
      await clock.advance(900);
    }
    log.read();
    await clock.advance(100);
    await flushed;
    expect(log.text).toBe('last\n');
    expect(clock.pending).toBe(0);
  });

  it('is given up at the end if nobody reads it', async () => {
    log.stopReading();
    await new Talker(false).talk(MEBIBYTE);
    const flushed = flushSinks([sink], clock, 1_000);
    await clock.advance(1_100);
    await flushed;
    expect(clock.pending).toBe(0);
  });
});

/** A pipe whose other end is closed; the standard streams of a process outlive that. */
function brokenPipe(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code })),
    autoDestroy: false,
  });
}

describe('an output that nobody reads any more', () => {
  it('is discarded and counted, and told once', async () => {
    const told: string[] = [];
    sink = new OutputSink(brokenPipe('EPIPE'), error => told.push(error.message));
    const source = new PassThrough();
    const output = new WorkerOutput(source, sink, clock, { isHeld: false });
    source.write('one\n');
    await settle();
    source.write('three\n');
    await settle();
    expect(told).toEqual(['write EPIPE']);
    expect(sink.discarded).toBe(10);
    expect(output.tail).toBe('one\nthree\n');
    await flushSinks([sink], clock, 1_000);
  });

  it('is not taken for closed if it is only full', async () => {
    const told: string[] = [];
    sink = new OutputSink(brokenPipe('ENOSPC'), error => told.push(error.message));
    sink.write(Buffer.from('one\n'), () => {});
    await settle();
    expect(sink.discarded).toBe(4);
    expect(told).toEqual([]);
  });
});

describe('errorLine()', () => {
  it('is one line of at most 500 characters, without what controls a terminal', () => {
    expect(errorLine(`Error: ${'x'.repeat(2_000)}\n    at here`)).toMatch(/^Error: x{492}…$/);
    expect(errorLine('Error: one\rtwo\u001b]0;title\u0007\u0000')).not.toMatch(/\p{Cc}/u);
    expect(errorLine('\u001b[31mError: red\u001b[39m\n    at here\n')).toBe('Error: red');
    expect(errorLine('')).toBeUndefined();
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
