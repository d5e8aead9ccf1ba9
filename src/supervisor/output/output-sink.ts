import type { Writable } from 'node:stream';
import type { OutputStream } from '../../model/events/cluster-event.interface.js';
import { type Clock, pause } from '../../system/time/clock.js';

/** Interval in ms between checks whether the remaining output is being written, before the process exits. */
const LOOK_MILLISECONDS = 20;

/** Error codes which mean that the reader of the stream has gone for good. */
const GONE: readonly (string | undefined)[] = ['EPIPE', 'ECONNRESET', 'EIO', 'EBADF'];

/**
 * A standard stream of the primary, to which the workers' output is written. The host survives the end of its
 * reader: output that cannot be written is counted and discarded.
 *
 * @internal
 */
export class OutputSink {
  #discarded = 0;
  #isClosed = false;
  #waiting = 0;

  /**
   * @param onClosed called once, when the reader has gone
   */
  constructor(
    private readonly stream: Writable,
    private readonly onClosed: (error: Error) => void = () => {},
  ) {
    // Without a listener an error would end the process.
    stream.on('error', error => this.#onError(error));
  }

  /** Bytes that were discarded because the reader has gone. */
  get discarded(): number {
    return this.#discarded;
  }

  /** Notes that `bytes` more (or, if negative, fewer) bytes wait to be written. */
  noteWaiting(bytes: number): void {
    this.#waiting += bytes;
  }

  /**
   * @param done called when the chunk has been written or discarded
   */
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

  /** Counts discarded bytes. */
  discard(bytes: number): void {
    this.#discarded += bytes;
  }

  /** Bytes that are not written yet. They will never be if the reader has gone. */
  get left(): number {
    return this.#isClosed ? 0 : this.#waiting + this.stream.writableLength;
  }

  #onError(error: NodeJS.ErrnoException): void {
    if (!this.#isClosed && GONE.includes(error.code)) {
      this.#isClosed = true;
      this.onClosed(error);
    }
  }
}

/** The sinks for the workers' output. @internal */
export type OutputSinks = Readonly<Record<OutputStream, OutputSink>>;

/**
 * Returns the sinks for the standard streams of the primary.
 *
 * @param onClosed called once for each stream whose reader has gone
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

/**
 * Resolves when everything is written, or when nothing was written to any of the sinks for `patience` milliseconds: a
 * sink waits for the others if they lead to the same pipe.
 *
 * @internal
 */
export async function flushSinks(
  sinks: readonly Pick<OutputSink, 'left'>[],
  clock: Pick<Clock, 'after'>,
  patience: number,
): Promise<void> {
  const bytesLeft = (): number => sinks.reduce((bytes, sink) => bytes + sink.left, 0);
  let left = bytesLeft();
  for (let quiet = 0; left > 0 && quiet < patience; quiet += LOOK_MILLISECONDS) {
    await pause(clock, LOOK_MILLISECONDS);
    const before = left;
    left = bytesLeft();
    if (left < before) {
      quiet = 0;
    }
  }
}
