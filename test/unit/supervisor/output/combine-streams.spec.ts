import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { combineStreams } from '../../../../src/supervisor/output/combine-streams.js';

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** More than a pipe takes at once. */
const CHUNKS = 4;
const LINES = 300;

let directory: string;

/** A pipe, and two streams that write to it, as after `2>&1`. */
class Log {
  readonly #path: string;
  readonly #reader: number;
  readonly descriptors: readonly [number, number];
  readonly streams: Readonly<Record<'stdout' | 'stderr', Socket>>;

  constructor(name: string) {
    this.#path = join(directory, name);
    execFileSync('mkfifo', [this.#path]);
    this.#reader = openSync(this.#path, O_RDONLY | O_NONBLOCK);
    this.descriptors = [this.open(), this.open()];
    const [stdout, stderr] = this.descriptors.map(
      fd => new Socket({ fd, readable: false, writable: true }),
    );
    this.streams = { stdout: stdout!, stderr: stderr! };
  }

  open(): number {
    return openSync(this.#path, O_WRONLY | O_NONBLOCK);
  }

  close(): void {
    closeSync(this.#reader);
  }

  /** Returns the lines that were written, after both streams have ended. */
  async lines(): Promise<readonly string[]> {
    const reading = text(new Socket({ fd: this.#reader, readable: true, writable: false }));
    this.streams.stdout.end();
    this.streams.stderr.end();
    return (await reading).split('\n').filter(Boolean);
  }
}

const line = (name: string): string => `${name} ${'x'.repeat(200)}`;
const chunk = (name: string): string => `${line(name)}\n`.repeat(LINES);

/** As Node has it: the standard streams of a process outlive the end of their reader. */
function destroyStandardStream(
  this: Socket & { _undestroy(): void },
  error: Error | null,
  done: (error: Error | null) => void,
): void {
  done(error);
  // oxlint-disable-next-line no-underscore-dangle -- that is what it is called
  this._undestroy();
}

beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'nestjs-cluster-'))));

afterEach(() => rmSync(directory, { recursive: true }));

describe.skipIf(process.platform === 'win32')('combineStreams()', () => {
  it('keeps the lines of both streams whole if they share a pipe that is full', async () => {
    const log = new Log('shared');
    const { stdout, stderr } = log.streams;
    combineStreams(log.streams, log.descriptors);
    for (let i = 0; i < CHUNKS; i++) {
      stdout.write(chunk('out'));
      stderr.write(Buffer.from(chunk('err')));
    }
    expect(stderr.writableLength).toBeGreaterThan(0);
    const lines = await log.lines();
    expect(new Set(lines)).toEqual(new Set([line('out'), line('err')]));
    expect(lines).toHaveLength(2 * CHUNKS * LINES);
  });

  it('writes at once if the pipe has room, so that nothing is lost at exit', async () => {
    const log = new Log('shared');
    const { stdout, stderr } = log.streams;
    combineStreams(log.streams, log.descriptors);
    stderr.write('one\n');
    stdout.write('two\n');
    stderr.write('three\n');
    expect([stdout.writableLength, stderr.writableLength]).toEqual([0, 0]);
    expect(await log.lines()).toEqual(['one', 'two', 'three']);
  });

  it('fails the writes of both streams if the reader has gone', async () => {
    const log = new Log('closed');
    combineStreams(log.streams, log.descriptors);
    const failed = Object.values(log.streams).map(stream => {
      Object.assign(stream, { _destroy: destroyStandardStream });
      stream.on('error', () => {});
      return new Promise(resolve => stream.write(chunk('lost').repeat(CHUNKS), resolve));
    });
    log.close();
    expect(await Promise.all(failed)).toMatchObject([{ code: 'EPIPE' }, { code: 'EPIPE' }]);
  });

  it('leaves streams alone that lead to different pipes', async () => {
    const [log, other] = [new Log('stdout'), new Log('stderr')];
    const streams = { stdout: log.streams.stdout, stderr: other.streams.stderr };
    combineStreams(streams, [log.descriptors[0], other.descriptors[1]]);
    streams.stdout.write('to stdout\n');
    streams.stderr.write('to stderr\n');
    expect(await log.lines()).toEqual(['to stdout']);
    expect(await other.lines()).toEqual(['to stderr']);
  });

  it('leaves files alone', () => {
    const log = new Log('shared');
    const file = openSync(join(directory, 'file'), 'a');
    combineStreams(log.streams, [file, file]);
    expect(Object.hasOwn(log.streams.stderr, '_write')).toBe(false);
    Object.values(log.streams).forEach(stream => stream.destroy());
  });
});
