/**
 * Makes a spare, and the canary during the first half of its soak, wait for a slot. Other workers have a slot from
 * the start.
 *
 * @internal
 */
export class Standby {
  readonly #waiting = new Set<() => void>();

  /**
   * @param isWaiting whether this process must wait
   * @param onWaiting called when something waits for a slot
   */
  constructor(
    private isWaiting: boolean,
    private readonly onWaiting: () => void = () => {},
  ) {}

  /** Whether it has no slot yet. */
  get waits(): boolean {
    return this.isWaiting;
  }

  /** Runs `task` when there is a slot; at once if there is one. */
  whenPlaced(task: () => void): void {
    this.oncePlaced(task);
    if (this.isWaiting) {
      this.onWaiting();
    }
  }

  /** Runs `task` when there is a slot. Unlike `whenPlaced()`, it does not call `onWaiting`. */
  oncePlaced(task: () => void): void {
    if (this.isWaiting) {
      this.#waiting.add(task);
    } else {
      task();
    }
  }

  /** Ends the wait: there is a slot. */
  end(): void {
    this.isWaiting = false;
    this.#waiting.forEach(task => task());
    this.#waiting.clear();
  }
}
