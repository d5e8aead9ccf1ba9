import type { Sample } from './sample.js';

const INITIAL_ROWS = 256;

/**
 * The last value of each sample that a worker has reported: in one array for all samples of the host, by the row of the
 * sample.
 *
 * @internal
 */
export class WorkerValues {
  #values = new Float64Array(INITIAL_ROWS);
  #held = new Uint8Array(INITIAL_ROWS);

  /** Whether the worker has reported a value of the sample. */
  has({ row }: Sample): boolean {
    return this.#held[row] === 1;
  }

  get({ row }: Sample): number {
    return this.#values[row]!;
  }

  set({ row }: Sample, value: number): void {
    if (row >= this.#values.length) {
      this.#grow(row);
    }
    this.#values[row] = value;
    this.#held[row] = 1;
  }

  delete({ row }: Sample): void {
    this.#held[row] = 0;
  }

  #grow(row: number): void {
    const size = 2 ** Math.ceil(Math.log2(row + 1));
    const [values, held] = [this.#values, this.#held];
    this.#values = new Float64Array(size);
    this.#held = new Uint8Array(size);
    this.#values.set(values);
    this.#held.set(held);
  }
}
