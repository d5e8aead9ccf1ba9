import { withoutNumbers } from '../output/output-summary.js';
import type { WorkerOutput } from '../output/worker-output.js';

/**
 * The failed boots since a worker was last ready: how many in a row, and what they said. Workers that
 * fail for the same reason say the same; it is printed once.
 *
 * @internal
 */
export class BootFailures {
  readonly #counts = new Map<number, number>();
  readonly #said = new Map<number, string>();
  #isExplained = false;

  /** How many in a row, in the slot that has had the most: many workers that fail together fail once. */
  get count(): number {
    return Math.max(0, ...this.#counts.values());
  }

  /** It is known why no worker boots: what they say from now on is not printed. */
  explained(): void {
    this.#isExplained = true;
  }

  /** Notes a failed boot, and prints what it said if it is news. */
  add(slot: number, output: WorkerOutput | undefined): void {
    this.#counts.set(slot, (this.#counts.get(slot) ?? 0) + 1);
    this.printNews(slot, output);
  }

  /**
   * Prints what a worker said that was never ready, unless a slot's last one has said the same. One
   * that was killed may have said only the beginning of it.
   */
  printNews(slot: number, output: WorkerOutput | undefined): void {
    if (this.#isExplained) {
      output?.drop();
      // Some of it may be on its way.
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

  /** A worker is ready: the next failure begins a new row, and one of its slot is news. */
  clear(slot: number): void {
    this.#counts.clear();
    this.#said.delete(slot);
  }
}
