/**
 * Somebody who waits for news, which may come before he listens.
 *
 * @internal
 */
export class Waiter {
  #hasNews = false;
  #wake: () => void = () => {};

  /** There is news: whoever listens, or will, goes on at once. */
  tell(): void {
    this.#hasNews = true;
    this.#wake();
  }

  /** What is told from now on is news. */
  forget(): void {
    this.#hasNews = false;
  }

  /** Resolves when there is news, when the signal aborts, or after so many milliseconds. */
  async listen(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (this.#hasNews || signal?.aborted) {
      return;
    }
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, Math.max(1, milliseconds));
      this.#wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', this.#wake);
        resolve();
      };
      signal?.addEventListener('abort', this.#wake);
    });
    signal?.removeEventListener('abort', this.#wake);
    this.#wake = () => {};
  }
}
