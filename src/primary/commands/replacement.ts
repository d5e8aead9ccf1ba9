import type { Slot } from '../slot.js';
import type { WorkerHandle } from '../worker-handle.js';
import type { Workforce } from '../workforce.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** Sends workers away, as soon as others can do without them. @internal */
export type Dismiss = (...workers: WorkerHandle[]) => Promise<void>;

/**
 * A worker takes the place of another one: first it serves, then the other one goes.
 *
 * @internal
 */
export class Replacement {
  readonly worker: WorkerHandle;
  readonly #predecessor: WorkerHandle | undefined;

  /**
   * Forks the new worker.
   *
   * @param sufficient a generation of which no worker is replaced: a slot that has lost its worker
   * meanwhile may have one already
   */
  constructor(
    private readonly slot: Slot,
    private readonly workforce: Workforce,
    private readonly dismiss: Dismiss,
    sufficient?: number,
  ) {
    const { current } = slot;
    if (current === undefined) {
      this.worker = workforce.fill(slot);
    } else if (current.generation === sufficient) {
      this.worker = current;
    } else {
      this.#predecessor = current;
      this.worker = workforce.addSuccessor(slot);
    }
  }

  /**
   * Resolves when the new worker is ready, and has stayed so for `soak` milliseconds.
   *
   * @throws WorkerFailedError if it did not come to that, and has ended
   */
  async prove(signal: AbortSignal, soak = 0): Promise<void> {
    const { changes } = this.workforce;
    const { worker } = this;
    await changes.untilOrThrow(() => !worker.isStarting, signal);
    if (soak > 0) {
      await changes.untilOr(soak, () => !worker.serves || signal.aborted);
      signal.throwIfAborted();
    }
    if (!worker.serves) {
      // Whether it hangs or drains: somebody sees to it that it ends.
      await this.#untilGone(worker, signal);
      throw new WorkerFailedError(worker);
    }
  }

  /**
   * Sends the old worker away, and resolves when it has gone.
   *
   * @throws WorkerFailedError if the new one has ended meanwhile; the old one serves on then
   */
  async finish(signal: AbortSignal): Promise<void> {
    const { slot, worker } = this;
    const predecessor = this.#predecessor;
    if (!predecessor) {
      return;
    }
    // Otherwise it has left on its own, and the new worker has its place already.
    if (slot.current === predecessor) {
      if (slot.successor !== worker) {
        await this.#untilGone(worker, signal);
        throw new WorkerFailedError(worker);
      }
      slot.vacate(predecessor);
      await this.dismiss(predecessor);
    }
    await this.#untilGone(predecessor, signal);
  }

  /** Ends the new worker, unless it is needed: the old one may have gone. */
  async takeBack(signal: AbortSignal): Promise<void> {
    const { slot, worker } = this;
    if (slot.successor !== worker) {
      return;
    }
    if (worker.isStarting) {
      worker.kill('killed');
    } else {
      await this.dismiss(worker);
    }
    await this.#untilGone(worker, signal);
  }

  #untilGone(worker: WorkerHandle, signal: AbortSignal): Promise<void> {
    return this.workforce.changes.untilOrThrow(() => worker.exit !== undefined, signal);
  }
}
