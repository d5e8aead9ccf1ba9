import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../process/clock.js';
import { LineSieve } from './line-sieve.js';

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
  #sieve: LineSieve | undefined;
  readonly #stopHolding: () => void;

  constructor(
    source: Readable,
    private readonly sink: Writable,
    clock: Clock,
  ) {
    source.on('data', (chunk: Buffer) => this.#take(this.#sieve ? this.#sieve.pass(chunk) : chunk));
    source.on('end', () => this.#endSifting());
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

  /**
   * From now on shows each line to `taken` before anything else is done with it; what that says yes to is
   * none of the worker's words, and goes no further.
   */
  sift(taken: (line: string) => boolean): void {
    this.#endSifting();
    this.#sieve = new LineSieve(taken);
  }

  #endSifting(): void {
    if (this.#sieve) {
      this.#take(this.#sieve.end());
      this.#sieve = undefined;
    }
  }

  #take(chunk: Buffer): void {
    if (chunk.length === 0) {
      return;
    }
    this.#tail = (this.#tail + chunk.toString()).slice(-TAIL_LENGTH);
    if (this.#held) {
      this.#held.push(chunk);
    } else {
      this.sink.write(chunk);
    }
  }
}
