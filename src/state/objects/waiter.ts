/**
 * Waits for a notification, which may come before `listen()` is called.
 *
 * @internal
 */
export class Waiter {
  #hasNews = false;
  #wake: () => void = () => {};

  /** Notifies: the current or the next `listen()` resolves at once. */
  tell(): void {
    this.#hasNews = true;
    this.#wake();
  }

  /** Forgets earlier notifications. */
  forget(): void {
    this.#hasNews = false;
  }

  /**
   * Resolves on a notification, when the signal aborts, or after `milliseconds`.
   *
   * @param inBackground whether the wait does not keep the process alive
   */
  async listen(milliseconds: number, signal?: AbortSignal, inBackground = false): Promise<void> {
    if (this.#hasNews || signal?.aborted) {
      return;
    }
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, Math.max(1, milliseconds));
      if (inBackground) {
        timer.unref();
      }
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
