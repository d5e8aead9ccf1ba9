import { withoutNumbers } from '../output/output-summary.js';
import type { WorkerOutput } from '../output/worker-output.js';

/**
 * Counts the failed boots since a worker was last ready, and prints what failed workers wrote. Workers that fail for
 * the same reason write the same, so it is printed once.
 *
 * @internal
 */
export class BootFailures {
  readonly #counts = new Map<number, number>();
  readonly #said = new Map<number, string>();
  #isExplained = false;

  /** Failed boots in a row of the slot that has most: workers that fail at the same time count once. */
  get count(): number {
    return Math.max(0, ...this.#counts.values());
  }

  /** Prints no further output, because the reason for the failures is known. */
  explained(): void {
    this.#isExplained = true;
  }

  /** Notes a failed boot, and prints its output unless it has been printed before. */
  add(slot: number, output: WorkerOutput | undefined): void {
    this.#counts.set(slot, (this.#counts.get(slot) ?? 0) + 1);
    this.printNews(slot, output);
  }

  /**
   * Prints the output of a worker that was never ready, unless the previous worker of the slot wrote the same. The
   * output of a killed worker may be a part of it.
   */
  printNews(slot: number, output: WorkerOutput | undefined): void {
    if (this.#isExplained) {
      output?.drop();
      // More output may still arrive.
      output?.filter(() => true);
      return;
    }
    const said = withoutNumbers(output?.tail ?? '');
    if ([...this.#said.values()].some(earlier => earlier.startsWith(said))) {
      output?.drop();
    } else {
      output?.release();
      this.#said.set(slot, said);
    }
  }

  /** Notes that a worker is ready: failures are counted anew, and the next failure of its slot is printed. */
  clear(slot: number): void {
    this.#counts.clear();
    this.#said.delete(slot);
  }
}
