/**
 * What a spare waits for: a place among the workers. Whoever is no spare has one from the beginning.
 *
 * @internal
 */
export class Standby {
  readonly #waiting = new Set<() => void>();

  /** @param isWaiting whether this process is a spare */
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
