/**
 * How many events may be in hand at a time, over all that one subscriber reads.
 *
 * @internal
 */
export class Semaphore {
  #free: number;

  constructor(
    count: number,
    /** Called when there are free places after there were none. */
    private readonly onFree: () => void,
  ) {
    this.#free = count;
  }

  get free(): number {
    return this.#free;
  }

  /** Takes all that are free, to be given back one by one. */
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
