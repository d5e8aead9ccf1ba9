import type { OutputStream } from '../../model/events/cluster-event.interface.js';
import type { Clock } from '../../system/time/clock.js';
import type { OutputSink } from './output-sink.js';

/** Lines of text that arrive within this time become one record. */
const GATHERING_MILLISECONDS = 100;

/** The approximate maximum length of a record, in characters. */
const LONGEST_RECORD = 64 * 1024;

/** The part of a sink that the output of a worker needs. @internal */
export type LineSink = Pick<OutputSink, 'write' | 'noteWaiting' | 'discard'> & {
  /** No output follows. */
  end?(): void;
};

/** The destinations of the output of one worker. @internal */
export type LineSinks = Readonly<Record<OutputStream, LineSink>>;

/**
 * The destination of the standard error of a worker if the primary logs JSON records. Lines that are JSON go to the sink
 * unchanged. Text, such as the stack of an uncaught error, goes to `log`, so that it becomes a record too.
 *
 * @internal
 */
export class RecordSink implements LineSink {
  #text: string[] = [];
  #length = 0;
  #hasEnded = false;
  #cancel: () => void = () => {};

  constructor(
    private readonly sink: LineSink,
    private readonly clock: Pick<Clock, 'after'>,
    private readonly log: (text: string) => void,
  ) {}

  noteWaiting(bytes: number): void {
    this.sink.noteWaiting(bytes);
  }

  discard(bytes: number): void {
    this.sink.discard(bytes);
  }

  /**
   * @param chunk whole lines
   * @param done called once, after everything in the chunk that is not kept has been written
   */
  write(chunk: Buffer, done: () => void): void {
    let records: string[] = [];
    for (const line of chunk.toString().split(/(?<=\n)/)) {
      if (isRecord(line)) {
        this.#flush();
        records.push(line.endsWith('\n') ? line : `${line}\n`);
      } else {
        // The text may be logged at any time from now on, and belongs after the records before it.
        if (records.length > 0) {
          this.sink.write(Buffer.from(records.join('')), () => {});
          records = [];
        }
        this.#keep(line);
      }
    }
    if (this.#hasEnded) {
      this.#flush();
    }
    // Also without records: the logger writes text to the same stream, and `done` must wait until it is written.
    this.sink.write(Buffer.from(records.join('')), done);
  }

  end(): void {
    this.#hasEnded = true;
    this.#flush();
  }

  #keep(line: string): void {
    if (this.#text.length === 0) {
      this.#cancel = this.clock.after(GATHERING_MILLISECONDS, () => this.#flush());
    }
    this.#text.push(line);
    this.#length += line.length;
    // The process must not exit before the text is logged.
    this.sink.noteWaiting(line.length);
    if (this.#length > LONGEST_RECORD) {
      this.#flush();
    }
  }

  #flush(): void {
    const text = this.#text.join('').trim();
    this.#cancel();
    this.sink.noteWaiting(-this.#length);
    this.#text = [];
    this.#length = 0;
    if (text !== '') {
      this.log(text);
    }
  }
}

function isRecord(line: string): boolean {
  if (!line.startsWith('{')) {
    return false;
  }
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
