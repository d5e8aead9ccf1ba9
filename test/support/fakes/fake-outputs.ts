import { Writable } from 'node:stream';
import { OutputSink, type OutputSinks } from '../../../src/supervisor/output/output-sink.js';

/** A stream that is read when a test says so. */
export class FakeLog extends Writable {
  text = '';
  /** The number of writes. */
  writes = 0;
  #isRead: boolean;
  #taken: (() => void) | undefined;

  constructor(isRead = true) {
    super();
    this.#isRead = isRead;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    const take = (): void => {
      this.writes++;
      this.text += chunk.toString();
      done();
    };
    if (this.#isRead) {
      take();
    } else {
      this.#taken = take;
    }
  }

  /** The reader continues to read. */
  read(): void {
    this.#isRead = true;
    this.#taken?.();
  }

  stopReading(): void {
    this.#isRead = false;
    this.#taken = undefined;
  }
}

/** The standard streams of a primary. */
export class FakeOutputs implements OutputSinks {
  readonly logs = { stdout: new FakeLog(), stderr: new FakeLog() };
  readonly stdout = new OutputSink(this.logs.stdout);
  readonly stderr = new OutputSink(this.logs.stderr);
}
