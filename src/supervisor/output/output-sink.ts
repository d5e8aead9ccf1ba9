import type { Writable } from 'node:stream';
import type { OutputStream } from '../../model/events/cluster-event.interface.js';
import type { Clock } from '../../system/time/clock.js';

/** How often it is looked whether what is left has been taken, when the process is about to end. */
const LOOK_MILLISECONDS = 20;

/** What says that nobody will ever read again what is written. */
const GONE: readonly (string | undefined)[] = ['EPIPE', 'ECONNRESET', 'EIO', 'EBADF'];

/**
 * A standard stream of the primary, to which the workers' output goes. Whatever becomes of who reads it, the host
 * lives on: what cannot be written is counted and forgotten.
 *
 * @internal
 */
export class OutputSink {
  #discarded = 0;
  #isClosed = false;
  #waiting = 0;

  /** @param onClosed called once, when who reads it has gone */
  constructor(
    private readonly stream: Writable,
    private readonly onClosed: (error: Error) => void = () => {},
  ) {
    // Without a listener an error would end the process.
    stream.on('error', error => this.#onError(error));
  }

  /** Bytes that were not written, because nobody reads them. */
  get discarded(): number {
    return this.#discarded;
  }

  /** Some output waits to be written here, or no longer does. */
  noteWaiting(bytes: number): void {
    this.#waiting += bytes;
  }

  /** @param done called when it has been taken, or was forgotten */
  write(chunk: Buffer, done: () => void): void {
    if (this.#isClosed) {
      this.discard(chunk.length);
      done();
      return;
    }
    this.stream.write(chunk, error => {
      if (error) {
        this.discard(chunk.length);
      }
      done();
    });
  }

  /** Counts what is forgotten. */
  discard(bytes: number): void {
    this.#discarded += bytes;
  }

  /** Resolves when nothing waits to be written, or when none of it has been taken for so many milliseconds. */
  async flush(clock: Pick<Clock, 'after'>, patience: number): Promise<void> {
    let left = this.#left;
    for (let quiet = 0; left > 0 && quiet < patience; quiet += LOOK_MILLISECONDS) {
      await new Promise<void>(resolve => clock.after(LOOK_MILLISECONDS, resolve));
      if (this.#left < left) {
        quiet = 0;
      }
      left = this.#left;
    }
  }

  get #left(): number {
    return this.#isClosed ? 0 : this.#waiting + this.stream.writableLength;
  }

  #onError(error: NodeJS.ErrnoException): void {
    if (!this.#isClosed && GONE.includes(error.code)) {
      this.#isClosed = true;
      this.onClosed(error);
    }
  }
}

/** Where the output of the workers goes. @internal */
export type OutputSinks = Readonly<Record<OutputStream, OutputSink>>;

/**
 * The standard streams of the primary.
 *
 * @param onClosed called once for each when who reads it has gone
 * @internal
 */
export function standardOutputs(
  { stdout, stderr }: Readonly<Record<OutputStream, Writable>>,
  onClosed: (stream: OutputStream, error: Error) => void,
): OutputSinks {
  return {
    stdout: new OutputSink(stdout, error => onClosed('stdout', error)),
    stderr: new OutputSink(stderr, error => onClosed('stderr', error)),
  };
}
