import type { Readable } from 'node:stream';
import type { Clock } from '../../system/time/clock.js';
import { LineFilter } from './line-filter.js';
import { OutputQueue } from './output-queue.js';
import type { OutputSink } from './output-sink.js';
import { WholeLines } from './whole-lines.js';

/** How much of the end of a worker's output is kept to tell why it failed. */
const TAIL_LENGTH = 8 * 1024;

/** A boot that takes longer than this shows what it says without waiting for its end. */
const HOLD_MILLISECONDS = 10_000;

/** How long the rest of a line is waited for before its beginning is shown. */
const REST_MILLISECONDS = 100;

const MEBIBYTE = 2 ** 20;

/** With so much that nobody has read yet, no more is read from the worker. It has two such streams. */
const PAUSE_BYTES = 3 * MEBIBYTE;

/** When so little is left, more is read again. */
const RESUME_BYTES = MEBIBYTE;

/** More than this is never kept, also of a worker that must not be kept waiting. */
const MOST_BYTES = 4 * MEBIBYTE;

/** @internal */
export interface WorkerOutputOptions {
  /** Whether what is said while the worker boots is held back. */
  readonly isHeld: boolean;
  /** Called when no more is read from the worker, because who reads the log does not keep up. */
  readonly onPaused?: () => void;
  /** Called when it is read again. */
  readonly onResumed?: () => void;
}

/**
 * One standard stream of a worker. It passes through, in whole lines, but what is said while the worker
 * boots may be held back until the boot has succeeded or failed: when every worker fails for the same
 * reason, the reason is then printed once and not once per worker and attempt.
 *
 * If the log is read too slowly, it is no longer read from the worker either: the worker waits, and neither
 * loses lines nor fills the primary's memory with them.
 *
 * @internal
 */
export class WorkerOutput {
  readonly #queue: OutputQueue;
  readonly #lines = new WholeLines();
  /** The last chunks, of which the tail is made when somebody wants it. */
  readonly #recent: Buffer[] = [];
  #recentLength = 0;
  #filter: LineFilter | undefined;
  #isPaused = false;
  /** Whether what is too much is discarded, and the worker not kept waiting. */
  #discardsExcess = false;
  #cancelRest: (() => void) | undefined;
  #stopHolding: () => void = () => {};

  constructor(
    private readonly source: Readable,
    private readonly sink: OutputSink,
    private readonly clock: Clock,
    private readonly options: WorkerOutputOptions = { isHeld: true },
  ) {
    this.#queue = new OutputQueue(sink, options.isHeld, () => this.#resumeIfRead());
    source.on('data', (chunk: Buffer) =>
      this.#take(this.#filter ? this.#filter.pass(chunk) : chunk),
    );
    source.on('end', () => this.#end());
    // The end of a worker is no error, however abrupt.
    source.on('error', () => {});
    if (options.isHeld) {
      this.hold();
    }
  }

  /** The end of what the worker has said. */
  get tail(): string {
    return Buffer.concat(this.#recent).subarray(-TAIL_LENGTH).toString();
  }

  /** Whether the worker may be waiting for its output to be read. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Holds back what is said from now on until `release()` or `drop()`, but not for long. */
  hold(): void {
    this.#stopHolding();
    this.#queue.hold();
    this.#stopHolding = this.clock.after(HOLD_MILLISECONDS, () => this.release());
  }

  /** Prints what was held back, and from now on everything as it comes. */
  release(): void {
    this.#stopHolding();
    this.#queue.release();
  }

  /** Forgets what was held back: it has been said before. */
  drop(): void {
    this.#stopHolding();
    this.#lines.end();
    this.#queue.drop();
  }

  /**
   * From now on shows each line to `taken` before anything else is done with it; what that says yes to is
   * none of the worker's words, and goes no further.
   */
  filter(taken: (line: string) => boolean): void {
    this.#endSifting();
    this.#filter = new LineFilter(taken);
  }

  /**
   * From now on the worker is never kept waiting: what there is no room for is discarded, and counted. For one
   * that leaves, and could not do so while it waits.
   */
  letFlow(): void {
    this.#discardsExcess = true;
    this.#resume();
  }

  #end(): void {
    this.#endSifting();
    this.#showRest();
  }

  #endSifting(): void {
    if (this.#filter) {
      this.#take(this.#filter.end());
      this.#filter = undefined;
    }
  }

  #take(chunk: Buffer): void {
    if (chunk.length === 0) {
      return;
    }
    this.#remember(chunk);
    this.#cancelRest?.();
    this.#cancelRest = undefined;
    this.#show(this.#lines.take(chunk));
    if (this.#lines.hasRest) {
      this.#cancelRest = this.clock.after(REST_MILLISECONDS, () => this.#showRest());
    }
  }

  #remember(chunk: Buffer): void {
    this.#recent.push(chunk);
    this.#recentLength += chunk.length;
    while (this.#recentLength - this.#recent[0]!.length >= TAIL_LENGTH) {
      this.#recentLength -= this.#recent.shift()!.length;
    }
  }

  #showRest(): void {
    this.#cancelRest?.();
    this.#cancelRest = undefined;
    this.#show(this.#lines.end());
  }

  #show(lines: Buffer): void {
    if (lines.length === 0) {
      return;
    }
    if (this.#queue.size + lines.length > MOST_BYTES) {
      this.sink.discard(lines.length);
      return;
    }
    this.#queue.push(lines);
    if (this.#queue.size >= PAUSE_BYTES) {
      this.release();
      this.#pause();
    }
  }

  #pause(): void {
    if (!this.#isPaused && !this.#discardsExcess && this.#queue.size >= PAUSE_BYTES) {
      this.#isPaused = true;
      this.source.pause();
      this.options.onPaused?.();
    }
  }

  #resumeIfRead(): void {
    if (this.#queue.size <= RESUME_BYTES) {
      this.#resume();
    }
  }

  #resume(): void {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.source.resume();
      this.options.onResumed?.();
    }
  }
}
