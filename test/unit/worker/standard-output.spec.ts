import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { standardOutput } from '../../../src/worker/standard-output.js';

/** A standard stream whose other end is a pipe that the primary reads. */
class Pipe extends Writable {
  readonly blocking: boolean[] = [];
  readonly _handle = { setBlocking: (blocking: boolean) => this.blocking.push(blocking) };

  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: (error: Error) => void): void {
    done(new Error('write EPIPE'));
  }
}

describe('standardOutput()', () => {
  it('is written synchronously by a worker, and by nobody whose pipe is not its own', () => {
    const [own, shared] = [new Pipe(), new Pipe()];
    const env = { CLUSTER_OUTPUT_FDS: '4,5' };
    standardOutput([own], env);
    expect(own.blocking).toEqual([true]);
    // A child of this process has other descriptors.
    expect(env).toEqual({});
    standardOutput([shared], {});
    expect(shared.blocking).toEqual([]);
  });

  it('does not end a worker by its errors', async () => {
    const pipe = new Pipe();
    standardOutput([pipe], {});
    await new Promise(resolve => pipe.write('text', resolve));
  });

  it('goes to the log of the host itself when the primary is gone', () => {
    const directory = mkdtempSync(join(tmpdir(), 'nestjs-cluster-'));
    try {
      const file = join(directory, 'log');
      const descriptor = openSync(file, 'a');
      const pipe = new Pipe({ decodeStrings: false });
      standardOutput([pipe], { CLUSTER_OUTPUT_FDS: String(descriptor) }).surviveThePrimary();
      pipe.cork();
      pipe.write('one ');
      pipe.write(Buffer.from('two '));
      pipe.uncork();
      pipe.write('drei über', 'utf8');
      expect(readFileSync(file, 'utf8')).toBe('one two drei über');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
