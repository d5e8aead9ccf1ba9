/**
 * Runs a task once for all who ask for it while it waits for its turn. Runs never overlap, and one that has begun is
 * not shared: what has happened before a call is always seen.
 *
 * @internal
 */
export class SharedRuns<Key, Value> {
  readonly #waiting = new Map<Key, Promise<Value>>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param task returns the value for a key */
  constructor(private readonly task: (key: Key) => Promise<Value>) {}

  /**
   * Returns the value of a run that has not begun yet.
   *
   * @throws the error of the run
   */
  next(key: Key): Promise<Value> {
    const waiting = this.#waiting.get(key);
    if (waiting) {
      return waiting;
    }
    const run = this.#last.then(() => {
      this.#waiting.delete(key);
      return this.task(key);
    });
    this.#waiting.set(key, run);
    // Who has asked gets the error.
    this.#last = run.catch(() => {});
    return run;
  }
}
