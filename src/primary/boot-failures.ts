import { withoutNumbers } from './output-summary.js';
import type { WorkerOutput } from './worker-output.js';

/**
 * The failed boots since a worker was last ready: how many in a row, and what they said. Workers that
 * fail for the same reason say the same; it is printed once.
 *
 * @internal
 */
export class BootFailures {
  #count = 0;
  #said: string | undefined;

  get count(): number {
    return this.#count;
  }

  /** Notes a failed boot, and prints what it said if the one before said something else. */
  add(output: WorkerOutput | undefined): void {
    this.#count++;
    const said = withoutNumbers(output?.tail ?? '');
    if (said === this.#said) {
      output?.drop();
    } else {
      this.#said = said;
      output?.release();
    }
  }

  /** A worker is ready: the next failure begins a new row. */
  clear(): void {
    this.#count = 0;
  }
}
