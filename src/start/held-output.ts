import { Readable } from 'node:stream';

/** The output that is held at most, in bytes. What exceeds it is shown at once, so that the worker is not blocked. */
const MOST_BYTES = 2 ** 20;

/**
 * The output of a worker before there is a supervisor. It is handed to the supervisor, which decides when it is shown,
 * or shown, or dropped.
 *
 * @internal
 */
export class HeldOutput {
  /** Resolves when everything has been read. */
  readonly ended: Promise<void>;
  #chunks: Buffer[] = [];
  #size = 0;
  #isShown = false;

  constructor(
    private readonly source: Readable,
    private readonly target: Pick<NodeJS.WritableStream, 'write'>,
  ) {
    source.on('data', this.#take);
    source.on('error', () => {});
    this.ended = new Promise(resolve => source.once('close', resolve));
  }

  /** Writes the output to the stream of this process, now and from now on. */
  show(): void {
    this.#isShown = true;
    this.#takeAll().forEach(chunk => this.target.write(chunk));
  }

  /** Returns the stream with everything that was read from it. It flows from the next turn of the event loop on. */
  release(): Readable {
    const { source } = this;
    source.off('data', this.#take);
    const held = Buffer.concat(this.#takeAll());
    if (source.readableEnded || source.destroyed) {
      return Readable.from(held.length > 0 ? [held] : []);
    }
    source.pause();
    if (held.length > 0) {
      source.unshift(held);
    }
    setImmediate(() => source.resume());
    return source;
  }

  #takeAll(): readonly Buffer[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#size = 0;
    return chunks;
  }

  readonly #take = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#isShown || this.#size > MOST_BYTES) {
      this.show();
    }
  };
}
