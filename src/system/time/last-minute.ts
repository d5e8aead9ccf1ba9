const SECONDS = 60;

/**
 * Sums up amounts of the last minute, with a resolution of one second.
 *
 * @internal
 */
export class LastMinute {
  /** The amounts by second, oldest first. */
  readonly #amounts = new Map<number, number>();

  /**
   * @param now returns milliseconds of a monotonic clock
   */
  constructor(private readonly now: () => number) {}

  add(amount: number): void {
    this.#forget();
    const second = this.#second;
    this.#amounts.set(second, (this.#amounts.get(second) ?? 0) + amount);
  }

  get sum(): number {
    this.#forget();
    return [...this.#amounts.values()].reduce((sum, amount) => sum + amount, 0);
  }

  #forget(): void {
    const now = this.#second;
    for (const second of this.#amounts.keys()) {
      if (second <= now - SECONDS) {
        this.#amounts.delete(second);
      }
    }
  }

  get #second(): number {
    return Math.floor(this.now() / 1_000);
  }
}
