import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { OUTPUT_VARIABLE } from '../model/internal-variables.js';

/** How often, and at what intervals in milliseconds, it is tried to write to a full pipe that others use as well. */
const ATTEMPTS = 20;
const ATTEMPT_MILLISECONDS = 10;

/** The part of a standard stream that is used here, and that Node does not show. */
interface StandardStream extends Writable {
  readonly _handle?: { setBlocking?(blocking: boolean): number };
}

/**
 * What this worker writes to its standard streams.
 *
 * @internal
 */
export interface StandardOutput {
  /** The primary is gone, and with it the other end of the streams: writes to the log of the host directly. */
  surviveThePrimary(): void;
}

/**
 * Makes sure that what this worker writes to its standard output and standard error arrives, and that it never
 * ends by it.
 *
 * Node writes to pipes asynchronously, and an exit or an uncaught error loses what has not been read yet. The
 * pipes to the primary are this worker's own, and are made blocking (`setBlocking()` of libuv's handle, which Node itself
 * uses for terminals): the primary reads them as long as it can. Where that is not found, the last output may be lost.
 *
 * @param env names the descriptors for the time after the primary; they are not for the children of this process
 * @internal
 */
export function standardOutput(
  streams: readonly StandardStream[] = [process.stdout, process.stderr],
  env: NodeJS.ProcessEnv = process.env,
): StandardOutput {
  const descriptors = (env[OUTPUT_VARIABLE] ?? '').split(',').filter(Boolean).map(Number);
  delete env[OUTPUT_VARIABLE];
  for (const stream of streams) {
    // Without a listener, a log that is closed or full would end the worker.
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

/** Others write to it as well, and it may be full: then it is waited for a little while. */
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
