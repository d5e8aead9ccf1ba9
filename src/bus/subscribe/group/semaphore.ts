/**
 * Limits how many events a subscriber handles at the same time, over all topics that it reads.
 *
 * @internal
 */
export class Semaphore {
  #free: number;

  constructor(
    count: number,
    /** Called when places become free after there were none. */
    private readonly onFree: () => void,
  ) {
    this.#free = count;
  }

  get free(): number {
    return this.#free;
  }

  /** Takes all free places and returns their number. The caller gives them back one by one. */
  takeAll(): number {
    const taken = this.#free;
    this.#free = 0;
    return taken;
  }

  giveBack(count: number): void {
    const hadNone = this.#free === 0;
    this.#free += count;
    if (hadNone && count > 0) {
      this.onFree();
    }
  }
}
