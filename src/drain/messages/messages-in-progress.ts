import { setImmediate } from '../../system/time/immediates.js';

/**
 * The messages that this process handles: those that have arrived, those whose handlers run, and those whose responses
 * are being sent. One message may be counted several times.
 *
 * @internal
 */
export class MessagesInProgress {
  #size = 0;
  readonly #bySource = new WeakMap<object, number>();
  #onEnd: ((source: object | undefined) => void) | undefined;

  get size(): number {
    return this.#size;
  }

  /** The number of messages that came from a connection. */
  from(source: object): number {
    return this.#bySource.get(source) ?? 0;
  }

  /**
   * Counts a message.
   *
   * @param source the connection from which it came
   * @returns a function that ends it, which has an effect once
   */
  begin(source?: object): () => void {
    this.#count(source, 1);
    let hasEnded = false;
    return () => {
      if (!hasEnded) {
        hasEnded = true;
        this.#end(source);
      }
    };
  }

  /** Calls `onEnd` whenever a message has ended from now on, with its connection. */
  watch(onEnd: (source: object | undefined) => void): void {
    this.#onEnd = onEnd;
  }

  #end(source: object | undefined): void {
    if (!this.#onEnd) {
      this.#count(source, -1);
      return;
    }
    // A turn later: what follows from this step, such as the response, is counted by then.
    setImmediate(() => {
      this.#count(source, -1);
      this.#onEnd?.(source);
    });
  }

  #count(source: object | undefined, change: number): void {
    this.#size += change;
    if (source) {
      this.#bySource.set(source, this.from(source) + change);
    }
  }
}
