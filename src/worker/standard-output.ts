import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { OUTPUT_VARIABLE } from '../model/internal-variables.js';

/** How often, and at what interval in ms, a write to a full shared pipe is retried. */
const ATTEMPTS = 20;
const ATTEMPT_MILLISECONDS = 10;

/** The part of a standard stream that is used here and that Node does not document. */
interface StandardStream extends Writable {
  readonly _handle?: { setBlocking?(blocking: boolean): number };
}

/**
 * The standard output and standard error of this worker.
 *
 * @internal
 */
export interface StandardOutput {
  /** Writes directly to the log of the host, because the primary, which read the streams, has ended. */
  surviveThePrimary(): void;
}

/**
 * Makes sure that the output of this worker arrives, and that writing never ends the worker.
 *
 * Node writes to pipes asynchronously, so unread output is lost at exit or after an uncaught error. The pipes to the
 * primary belong to this worker alone and are made blocking (`setBlocking()` of libuv's handle, which Node itself
 * uses for terminals); the primary reads them as long as it can. If that method is missing, the last output may be
 * lost.
 *
 * @param env has the descriptors to use after the end of the primary; they are removed from it for child processes
 * @internal
 */
export function standardOutput(
  streams: readonly StandardStream[] = [process.stdout, process.stderr],
  env: NodeJS.ProcessEnv = process.env,
): StandardOutput {
  const descriptors = (env[OUTPUT_VARIABLE] ?? '').split(',').filter(Boolean).map(Number);
  delete env[OUTPUT_VARIABLE];
  for (const stream of streams) {
    // Without a listener, a closed or full log would end the worker.
    stream.on('error', () => {});
    if (descriptors.length > 0) {
      // oxlint-disable-next-line no-underscore-dangle -- that is what it is called
      stream._handle?.setBlocking?.(true);
    }
  }
  return {
    surviveThePrimary: () =>
      descriptors.forEach((descriptor, place) => writeTo(descriptor, streams[place])),
  };
}

function writeTo(descriptor: number, stream: StandardStream | undefined): void {
  if (stream) {
    Object.assign(stream, {
      _write: (chunk: string | Buffer, encoding: BufferEncoding, done: () => void) => {
        writeWhole(descriptor, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
        done();
      },
      _writev: null,
    });
  }
}

/** Writes all bytes, and retries for a while if the pipe is full because other processes write to it, too. */
function writeWhole(descriptor: number, bytes: Buffer): void {
  let written = 0;
  for (let attempt = 0; written < bytes.length && attempt < ATTEMPTS; attempt++) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        return;
      }
      pause(ATTEMPT_MILLISECONDS);
    }
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
