/** So many calls are answered before the event loop has its turn. */
const CALLS_IN_A_TURN = 16;

/**
 * Lets the event loop turn between the calls of someone who calls again and again, and is answered at once.
 *
 * @internal
 */
export class FairTurns {
  #calls = 0;
  /** Resolves in the next turn of the event loop. */
  #next: Promise<void> | undefined;

  /** To be awaited before a call is answered; `undefined` if it may be answered now. */
  take(): Promise<void> | undefined {
    this.#next ??= new Promise(resolve =>
      setImmediate(() => {
        this.#next = undefined;
        this.#calls = 0;
        resolve();
      }),
    );
    return ++this.#calls > CALLS_IN_A_TURN ? this.#next : undefined;
  }
}
