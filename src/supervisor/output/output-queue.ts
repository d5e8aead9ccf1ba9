import { ByteQueue } from './byte-queue.js';
import type { LineSink } from './record-sink.js';

/**
 * The output of one worker that has not been written to the sink. It gives the sink one piece at a time, so that a
 * worker that writes much does not delay the lines of the others.
 *
 * @internal
 */
export class OutputQueue {
  readonly #waiting = new ByteQueue();
  #inFlight = 0;

  /**
   * @param isHeld whether nothing is written until `release()`
   * @param onWritten called whenever the sink has written a piece
   */
  constructor(
    private readonly sink: LineSink,
    private isHeld: boolean,
    private readonly onWritten: () => void,
  ) {}

  /** Bytes that are not written yet. */
  get size(): number {
    return this.#waiting.size + this.#inFlight;
  }

  push(chunk: Buffer): void {
    this.sink.noteWaiting(chunk.length);
    if (this.isHeld || this.#inFlight > 0) {
      this.#waiting.push(chunk);
    } else {
      this.#write(chunk);
    }
  }

  /** Writes nothing until `release()`. */
  hold(): void {
    this.isHeld = true;
  }

  /** Writes what was held back, and further output as it arrives. */
  release(): void {
    this.isHeld = false;
    this.#next();
  }

  /** Discards what was held back. */
  drop(): void {
    this.sink.noteWaiting(-this.#waiting.size);
    this.#waiting.clear();
    this.isHeld = false;
  }

  #next(): void {
    const chunk = this.#inFlight === 0 && !this.isHeld ? this.#waiting.shift() : undefined;
    if (chunk) {
      this.#write(chunk);
    }
  }

  #write(chunk: Buffer): void {
    this.#inFlight = chunk.length;
    this.sink.write(chunk, () => {
      this.#inFlight = 0;
      this.sink.noteWaiting(-chunk.length);
      this.onWritten();
      this.#next();
    });
  }
}
