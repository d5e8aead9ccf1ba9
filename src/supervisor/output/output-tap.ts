import type { OutputStream } from '../../model/events/cluster-event.interface.js';
import type { WorkerIdentity } from '../../model/host-status.interface.js';
import type { LineSink } from './record-sink.js';

/** Whole lines that a worker has written. @internal */
export interface TappedOutput {
  readonly slot: number;
  readonly pid: number;
  readonly stream: OutputStream;
  readonly text: string;
}

/**
 * Shows the output of the workers to listeners, as it is written to the output of the host.
 *
 * @internal
 */
export class OutputTap {
  readonly #listeners = new Set<(output: TappedOutput) => void>();

  /** Returns a function that ends it. */
  listen(listener: (output: TappedOutput) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Returns the sink of a worker's stream, which writes to `sink`. */
  sink(sink: LineSink, stream: OutputStream, identify: () => WorkerIdentity): LineSink {
    return {
      write: (chunk, done) => {
        if (this.#listeners.size > 0) {
          const { slot, pid } = identify();
          const output = { slot, pid, stream, text: chunk.toString() };
          this.#listeners.forEach(listener => listener(output));
        }
        sink.write(chunk, done);
      },
      noteWaiting: bytes => sink.noteWaiting(bytes),
      discard: bytes => sink.discard(bytes),
      end: () => sink.end?.(),
    };
  }
}
