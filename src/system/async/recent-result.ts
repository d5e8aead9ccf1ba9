import { monotonicNow } from '../time/monotonic-now.js';

/**
 * The result of a task for all who ask for it within some time. A failure is not kept.
 *
 * @internal
 */
export class RecentResult<Value> {
  #result: Promise<Value> | undefined;
  #until = 0;

  /**
   * @param maxAge milliseconds after the beginning of a run for which its result is used
   */
  constructor(
    private readonly maxAge: number,
    private readonly run: () => Promise<Value>,
    private readonly now: () => number = monotonicNow,
  ) {}

  /** @throws the error of the task */
  get(): Promise<Value> {
    if (this.#result && this.now() < this.#until) {
      return this.#result;
    }
    const result = this.run();
    this.#result = result;
    this.#until = this.now() + this.maxAge;
    result.catch(() => {
      if (this.#result === result) {
        this.#result = undefined;
      }
    });
    return result;
  }
}
