/**
 * What a spare waits for, and the first one of a reload for a while: a place among the workers that serve.
 * All others have one from the beginning.
 *
 * @internal
 */
export class Standby {
  readonly #waiting = new Set<() => void>();

  /** @param isWaiting whether this process is to wait */
  constructor(private isWaiting: boolean) {}

  /** Whether it has no place yet. */
  get waits(): boolean {
    return this.isWaiting;
  }

  /** Runs `task` as soon as there is a place: at once, if there is one. */
  whenPlaced(task: () => void): void {
    if (this.isWaiting) {
      this.#waiting.add(task);
    } else {
      task();
    }
  }

  /** There is a place. */
  end(): void {
    this.isWaiting = false;
    this.#waiting.forEach(task => task());
    this.#waiting.clear();
  }
}
