import { setImmediate } from '../system/time/immediates.js';

/**
 * Work that a drain waits for, beside requests: jobs, and what users pass to `ClusterService.waitUntil()`.
 *
 * @internal
 */
export class PendingWork {
  #size = 0;

  /**
   * @param onFailure called if the work rejects
   * @param onSettled called when work has ended
   */
  constructor(
    private readonly onFailure: (error: unknown) => void,
    private readonly onSettled: () => void,
  ) {}

  /** The number of pieces of work that have not ended. */
  get size(): number {
    return this.#size;
  }

  add(work: PromiseLike<unknown>): void {
    this.#size++;
    const end = (): void => {
      this.#size--;
      this.onSettled();
    };
    void Promise.resolve(work)
      .catch(this.onFailure)
      // A turn later: work that follows from this work is counted by then.
      .finally(() => setImmediate(end));
  }
}
