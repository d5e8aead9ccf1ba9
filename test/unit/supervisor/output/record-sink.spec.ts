import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { logText } from '../../../../src/supervisor/output/log-text.js';
import { flushSinks, OutputSink } from '../../../../src/supervisor/output/output-sink.js';
import { type LineSink, RecordSink } from '../../../../src/supervisor/output/record-sink.js';
import { WorkerOutput } from '../../../../src/supervisor/output/worker-output.js';
import { FakeClock } from '../../../support/fakes/fake-clock.js';
import { FakeLog } from '../../../support/fakes/fake-outputs.js';

const CRASH =
  '/app/main.js:3\n  throw new Error();\n\nError: broken\n    at main.js:3:9\n\nNode.js v22\n';

let clock: FakeClock;
let log: FakeLog;
let sink: OutputSink;
let records: string[];
let worker: PassThrough;

/** The standard error of a worker that runs, or that boots. */
function read(isHeld = false): WorkerOutput {
  const recording = new RecordSink(sink, clock, text => records.push(text));
  return new WorkerOutput(worker, recording, clock, { isHeld });
}

beforeEach(() => {
  clock = new FakeClock();
  log = new FakeLog();
  sink = new OutputSink(log);
  records = [];
  worker = new PassThrough();
});

describe('RecordSink', () => {
  it('lets JSON lines pass', async () => {
    read();
    worker.write('{"level":"error"}\n{"level":"fatal"}\n');
    await clock.advance(1_000);
    expect(log.text).toBe('{"level":"error"}\n{"level":"fatal"}\n');
    expect(records).toEqual([]);
  });

  it('makes one record of the text that comes together, in whichever pieces', async () => {
    read();
    worker.write(CRASH.slice(0, 30));
    await clock.advance(50);
    worker.write(CRASH.slice(30));
    await clock.advance(49);
    expect(records).toEqual([]);
    await clock.advance(1);
    expect(records).toEqual([CRASH.trim()]);
    expect(log.text).toBe('');
  });

  it('keeps the order of text and JSON lines', async () => {
    read();
    worker.write('first\n{"second":2}\n{ third\n');
    await clock.advance(0);
    expect([records, log.text]).toEqual([['first'], '{"second":2}\n']);
    await clock.advance(100);
    expect(records).toEqual(['first', '{ third']);
  });

  it('keeps the order of a record and the text after it', async () => {
    const order: string[] = [];
    const stream: LineSink = {
      noteWaiting: () => {},
      discard: () => {},
      write: (chunk, done) => {
        order.push(chunk.toString());
        done();
      },
    };
    const recording = new RecordSink(stream, clock, text => order.push(`text ${text}`));
    let isDone = 0;
    recording.write(Buffer.from('{"a":1}\n{"b":2}\none\ntwo\n{"c":3}\nthree\n'), () => isDone++);
    await clock.advance(100);
    expect(order.filter(Boolean)).toEqual([
      '{"a":1}\n{"b":2}\n',
      'text one\ntwo',
      '{"c":3}\n',
      'text three',
    ]);
    expect(isDone).toBe(1);
  });

  it('lets a JSON line of 1 MiB pass', async () => {
    read();
    const record = `${JSON.stringify({ message: 'x'.repeat(2 ** 20) })}\n`;
    worker.write(record);
    await clock.advance(100);
    expect(records).toEqual([]);
    expect(log.text === record).toBe(true);
  });

  it('waits no longer when the worker has ended, and ends a record that it has left without', async () => {
    read();
    worker.end(`${CRASH}{"last":1}`);
    await clock.advance(0);
    expect([records, log.text]).toEqual([[CRASH.trim()], '{"last":1}\n']);
  });

  it('has what was said during a failed boot at once', async () => {
    const output = read(true);
    worker.end(CRASH);
    await clock.advance(0);
    expect(records).toEqual([]);
    output.release();
    expect(records).toEqual([CRASH.trim()]);
  });

  it('keeps the process from ending before a record is logged', async () => {
    read();
    worker.write('some text\n');
    await clock.advance(0);
    let isFlushed = false;
    const flushed = flushSinks([sink], clock, 2_000).then(() => (isFlushed = true));
    await clock.advance(60);
    expect(isFlushed).toBe(false);
    await clock.advance(60);
    await flushed;
    expect(records).toEqual(['some text']);
  });

  it('makes the worker wait while the log does not take its text', async () => {
    const stalled = new PassThrough({ highWaterMark: 1 });
    const held = new OutputSink(stalled);
    const recording = new RecordSink(held, clock, text => void stalled.write(`${text}\n`));
    const output = new WorkerOutput(worker, recording, clock, { isHeld: false });
    const line = `${'x'.repeat(64 * 1024 - 1)}\n`;
    for (let sent = 0; sent < 160 && !worker.isPaused(); sent++) {
      worker.write(line);
      await clock.advance(200);
    }
    expect(output).toBeDefined();
    expect(worker.isPaused()).toBe(true);
  });

  it('bounds the length of a record', async () => {
    read();
    worker.write(`${'x'.repeat(1_000)}\n`.repeat(70));
    await clock.advance(0);
    expect(records).toHaveLength(1);
    expect(records[0]!.length).toBeLessThan(67_000);
  });
});

describe('logText()', () => {
  it.each([
    ['(node:7) [DEP0040] DeprecationWarning: old', 'warn'],
    [
      '(node:7) Warning: old\n(Use `node --trace-warnings ...` to show where the warning was created)',
      'warn',
    ],
    ['(node:7) [DEP0040] DeprecationWarning: old\nError: broken\n    at main.js:3:9', 'error'],
    ['Error: \u001b[31mbroken\u001b[39m', 'error'],
  ])('%j is of level %s', (text, level) => {
    const calls: [string, unknown][] = [];
    logText(
      {
        warn: message => calls.push(['warn', message]),
        error: message => calls.push(['error', message]),
      },
      text,
    );
    expect(calls).toEqual([[level, stripVTControlCharacters(text)]]);
  });
});
