import type { Readable } from 'node:stream';
import type { Clock } from '../../system/time/clock.js';
import { lastLines } from './last-lines.js';
import { LineFilter } from './line-filter.js';
import { OutputQueue } from './output-queue.js';
import type { LineSink } from './record-sink.js';
import { WholeLines } from './whole-lines.js';

/** Bytes of the end of a worker's output that are kept to explain a failure. */
const TAIL_LENGTH = 8 * 1024;

/** The output of a boot that takes longer than this is shown without waiting for its end. */
const HOLD_MILLISECONDS = 10_000;

/** Milliseconds to wait for the rest of a line before its beginning is shown. */
const REST_MILLISECONDS = 100;

/** The same for a JSON record, which is of no use in pieces: a long one takes several chunks of the pipe. */
const REST_OF_RECORD_MILLISECONDS = 2_000;

const MEBIBYTE = 2 ** 20;

/** Reading from the worker pauses when this much is unwritten. A worker has two such streams. */
const PAUSE_BYTES = 2 * MEBIBYTE;

/** Reading resumes when this little is left. */
const RESUME_BYTES = MEBIBYTE;

/**
 * The limit for unwritten output, also of a worker that must not be blocked. The longest line and a chunk of the pipe
 * fit in when reading is about to pause. An unfinished line is not counted.
 */
const MOST_BYTES = 4 * MEBIBYTE;

/** @internal */
export interface WorkerOutputOptions {
  /** Whether the output of the boot is held back. */
  readonly isHeld: boolean;
  /** Called when reading from the worker pauses, because the reader of the log is too slow. */
  readonly onPaused?: () => void;
  /** Called when reading resumes. */
  readonly onResumed?: () => void;
}

/**
 * One standard stream of a worker. It passes on whole lines. Output of the boot may be held back until the boot has
 * succeeded or failed: if every worker fails for the same reason, the reason is printed once, and not once per
 * worker and attempt.
 *
 * If the reader of the log is too slow, reading from the worker pauses. The worker then blocks when it writes; no
 * lines are lost, and the primary's memory does not fill up.
 *
 * @internal
 */
export class WorkerOutput {
  readonly #queue: OutputQueue;
  readonly #lines = new WholeLines();
  /** The last chunks, from which the tail is made when it is needed. */
  readonly #recent: Buffer[] = [];
  #recentLength = 0;
  #filter: LineFilter | undefined;
  #isPaused = false;
  /** Whether excess output is discarded instead of blocking the worker. */
  #discardsExcess = false;
  #cancelRest: (() => void) | undefined;
  #stopHolding: () => void = () => {};

  constructor(
    private readonly source: Readable,
    private readonly sink: LineSink,
    private readonly clock: Clock,
    private readonly options: WorkerOutputOptions = { isHeld: true },
  ) {
    this.#queue = new OutputQueue(sink, options.isHeld, () => this.#resumeIfRead());
    source.on('data', (chunk: Buffer) =>
      this.#take(this.#filter ? this.#filter.pass(chunk) : chunk),
    );
    source.on('end', () => this.#end());
    // The end of a worker is not an error here, even if the stream breaks.
    source.on('error', () => {});
    if (options.isHeld) {
      this.hold();
    }
  }

  /** The end of the worker's output. */
  get tail(): string {
    return Buffer.concat(this.#recent).subarray(-TAIL_LENGTH).toString();
  }

  /** The lines at the end of the worker's output, without a line whose rest is awaited: it is passed on later. */
  get lastLines(): string {
    const recent = Buffer.concat(this.#recent);
    const end = Math.max(0, recent.length - this.#lines.restLength);
    return lastLines(recent.subarray(0, end), TAIL_LENGTH);
  }

  /** Whether the worker may be blocked because its output is not read. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Holds back further output until `release()` or `drop()`, or until the hold times out. */
  hold(): void {
    this.#stopHolding();
    this.#queue.hold();
    this.#stopHolding = this.clock.after(HOLD_MILLISECONDS, () => this.release());
  }

  /** Prints what was held back, and further output as it arrives. */
  release(): void {
    this.#stopHolding();
    this.#queue.release();
  }

  /** Discards what was held back, because it has been printed before. */
  drop(): void {
    this.#stopHolding();
    this.#lines.end();
    this.#queue.drop();
  }

  /**
   * Passes each further line to `taken` first. Lines for which it returns `true` are not output of the application,
   * and are removed.
   *
   * @returns a function that ends it, unless another filter has taken its place
   */
  filter(taken: (line: string) => boolean): () => void {
    this.#endFiltering();
    const filter = new LineFilter(taken);
    this.#filter = filter;
    return () => {
      if (this.#filter === filter) {
        this.#endFiltering();
      }
    };
  }

  /**
   * Never blocks the worker from now on: excess output is discarded and counted. For a worker that leaves, and could
   * not exit while it is blocked.
   */
  letFlow(): void {
    this.#discardsExcess = true;
    this.#resume();
  }

  #end(): void {
    this.#endFiltering();
    this.#showRest();
    this.sink.end?.();
  }

  #endFiltering(): void {
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
      const patience = this.#lines.hasRestOfRecord
        ? REST_OF_RECORD_MILLISECONDS
        : REST_MILLISECONDS;
      this.#cancelRest = this.clock.after(patience, () => this.#showRest());
    }
  }

  #remember(chunk: Buffer): void {
    this.#recent.push(chunk);
    this.#recentLength += chunk.length;
    // One byte more shows whether the tail begins with a line.
    while (this.#recentLength - this.#recent[0]!.length > TAIL_LENGTH) {
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
