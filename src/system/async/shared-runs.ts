/**
 * Runs a task once for all who ask for it while it waits for its turn. Runs never overlap, and one that has begun is
 * not shared: what has happened before a call is always seen.
 *
 * @internal
 */
export class SharedRuns<Key, Value> {
  readonly #waiting = new Map<Key, Promise<Value>>();
  #last: Promise<unknown> = Promise.resolve();
  /** The number of runs that have not ended. */
  #open = 0;

  /** @param task returns the value for a key */
  constructor(private readonly task: (key: Key) => Promise<Value>) {}

  /** Whether no run has begun, or waits for its turn. */
  get isIdle(): boolean {
    return this.#open === 0;
  }

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
    this.#open++;
    const end = (): void => void this.#open--;
    // Who has asked gets the error.
    this.#last = run.then(end, end);
    return run;
  }
}
