import { ByteQueue } from './byte-queue.js';
import type { OutputSink } from './output-sink.js';

/**
 * What one worker has written and nobody has read yet. It gives the sink one piece after the other, so that
 * a worker that writes much does not stand between the lines of the others.
 *
 * @internal
 */
export class OutputQueue {
  readonly #waiting = new ByteQueue();
  #inFlight = 0;

  /**
   * @param isHeld whether nothing is given to the sink until `release()`
   * @param onWritten called whenever the sink has taken something
   */
  constructor(
    private readonly sink: OutputSink,
    private isHeld: boolean,
    private readonly onWritten: () => void,
  ) {}

  /** Bytes that have not been written yet. */
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

  /** Gives the sink nothing until `release()`. */
  hold(): void {
    this.isHeld = true;
  }

  /** Gives the sink what was held back, and from now on everything as it comes. */
  release(): void {
    this.isHeld = false;
    this.#next();
  }

  /** Forgets what was held back. */
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
