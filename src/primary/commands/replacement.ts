import type { Slot } from '../slot.js';
import type { WorkerHandle } from '../worker-handle.js';
import type { Workforce } from '../workforce.js';
import { WorkerFailedError } from './worker-failed.error.js';

/**
 * A worker takes the place of another one: first it serves, then the other one goes.
 *
 * @internal
 */
export class Replacement {
  readonly #predecessor: WorkerHandle | undefined;
  readonly #worker: WorkerHandle;

  /**
   * Forks the new worker.
   *
   * @param sufficient a generation of which no worker is replaced: a slot that has lost its worker
   * meanwhile may have one already
   */
  constructor(
    private readonly slot: Slot,
    private readonly workforce: Workforce,
    sufficient?: number,
  ) {
    const { current } = slot;
    if (current === undefined) {
      this.#worker = workforce.fill(slot);
    } else if (current.generation === sufficient) {
      this.#worker = current;
    } else {
      this.#predecessor = current;
      this.#worker = workforce.addSuccessor(slot);
    }
  }

  /**
   * Resolves when the new worker is ready, and has stayed so for `soak` milliseconds.
   *
   * @throws WorkerFailedError if it did not come to that, and has ended
   */
  async prove(signal: AbortSignal, soak = 0): Promise<void> {
    const { changes } = this.workforce;
    const worker = this.#worker;
    await changes.untilOrThrow(() => worker.state !== 'booting', signal);
    if (soak > 0) {
      await changes.untilOr(soak, () => !worker.serves || signal.aborted);
      signal.throwIfAborted();
    }
    if (!worker.serves) {
      worker.kill('killed');
      await changes.untilOrThrow(() => worker.exit !== undefined, signal);
      throw new WorkerFailedError(worker);
    }
  }

  /** Sends the old worker away, and resolves when it has gone. */
  async finish(signal: AbortSignal, dismiss: (worker: WorkerHandle) => void): Promise<void> {
    const predecessor = this.#predecessor;
    if (!predecessor) {
      return;
    }
    // Otherwise it has left on its own, and the new worker has its place already.
    if (this.slot.vacate(predecessor)) {
      dismiss(predecessor);
    }
    await this.workforce.changes.untilOrThrow(() => predecessor.exit !== undefined, signal);
  }

  /** Ends the new worker, unless it is needed: the old one may have gone. */
  async takeBack(signal: AbortSignal): Promise<void> {
    const worker = this.#worker;
    if (this.slot.successor === worker) {
      worker.kill('killed');
      await this.workforce.changes.untilOrThrow(() => worker.exit !== undefined, signal);
    }
  }
}
