import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../process/clock.js';

/** How much of the end of a worker's output is kept to tell why it failed. */
const TAIL_LENGTH = 8 * 1024;

/** A boot that takes longer than this shows what it says without waiting for its end. */
const HOLD_MILLISECONDS = 10_000;

/**
 * What a worker writes to its standard error. It passes through, but what is said while the worker
 * boots is held back until the boot has succeeded or failed: when every worker fails for the same
 * reason, the reason is then printed once and not once per worker and attempt.
 *
 * @internal
 */
export class WorkerOutput {
  #held: Buffer[] | undefined = [];
  #tail = '';
  readonly #stopHolding: () => void;

  constructor(
    source: Readable,
    private readonly sink: Writable,
    clock: Clock,
  ) {
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#stopHolding = clock.after(HOLD_MILLISECONDS, () => this.release());
  }

  /** The end of what the worker has said. */
  get tail(): string {
    return this.#tail;
  }

  /** Prints what was held back, and from now on everything as it comes. */
  release(): void {
    this.#stopHolding();
    this.#held?.forEach(chunk => this.sink.write(chunk));
    this.#held = undefined;
  }

  /** Forgets what was held back: it has been said before. */
  drop(): void {
    this.#stopHolding();
    this.#held = undefined;
  }

  #take(chunk: Buffer): void {
    this.#tail = (this.#tail + chunk.toString()).slice(-TAIL_LENGTH);
    if (this.#held) {
      this.#held.push(chunk);
    } else {
      this.sink.write(chunk);
    }
  }
}
