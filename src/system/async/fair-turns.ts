import { setImmediate } from '../time/immediates.js';

/** The number of calls that are answered before the event loop gets a turn. */
const CALLS_IN_A_TURN = 16;

/**
 * Lets the event loop turn between the calls of code that calls again as soon as it is answered.
 *
 * @internal
 */
export class FairTurns {
  #calls = 0;
  /** Resolves in the next turn of the event loop. */
  #next: Promise<void> | undefined;

  /** Returns a promise to await before a call is answered; `undefined` if it may be answered now. */
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
