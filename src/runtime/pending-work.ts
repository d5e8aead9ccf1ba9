/**
 * Work that a drain waits for, beside requests: messages, jobs, and what users pass to `ClusterService.waitUntil()`.
 *
 * @internal
 */
export class PendingWork {
  readonly #pending = new Set<Promise<unknown>>();

  /** @param onFailure called if the work rejects */
  constructor(private readonly onFailure: (error: unknown) => void) {}

  add(work: PromiseLike<unknown>): void {
    const settled = Promise.resolve(work)
      .catch(this.onFailure)
      .finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }

  /**
   * Resolves when nothing is pending, not even work that was added meanwhile, or when the time is up.
   *
   * @param timeout maximum milliseconds
   */
  async settled(timeout: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>(resolve => {
      timer = setTimeout(() => resolve('late'), timeout);
    });
    while (this.#pending.size > 0) {
      if ((await Promise.race([Promise.all(this.#pending), late])) === 'late') {
        break;
      }
    }
    clearTimeout(timer);
  }
}
