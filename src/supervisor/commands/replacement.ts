import type { Slot } from '../workers/slot.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { Workforce } from '../workers/workforce.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** Sends workers away, as soon as others can do without them. @internal */
export type Dismiss = (...workers: WorkerHandle[]) => Promise<void>;

/** @internal */
export interface ReplacementTerms {
  /** A generation of which no worker is replaced: a slot that has lost its worker may have one already. */
  readonly sufficient?: number;
  /**
   * Milliseconds that the new worker has to stay healthy before the old one goes: half of it without
   * listening, so that nobody suffers if it dies by itself, and half of it serving.
   */
  readonly soak?: number;
}

/**
 * A worker takes the place of another one: first it serves, then the other one goes.
 *
 * @internal
 */
export class Replacement {
  readonly worker: WorkerHandle;
  readonly #predecessor: WorkerHandle | undefined;

  /** Forks the new worker. */
  constructor(
    private readonly slot: Slot,
    private readonly workforce: Workforce,
    private readonly dismiss: Dismiss,
    private readonly terms: ReplacementTerms = {},
  ) {
    const { sufficient, soak = 0 } = terms;
    const { current } = slot;
    if (current === undefined) {
      this.worker = workforce.fill(slot);
    } else if (current.generation === sufficient) {
      this.worker = current;
    } else {
      this.#predecessor = current;
      this.worker = workforce.addSuccessor(slot, soak > 0);
    }
  }

  /**
   * Resolves when the new worker is ready, and has soaked.
   *
   * @throws WorkerFailedError if it did not come to that, and has ended
   */
  async awaitHealthy(signal: AbortSignal): Promise<void> {
    const { changes } = this.workforce;
    const { worker } = this;
    const halfOfSoak = (this.terms.soak ?? 0) / 2;
    await changes.untilOrThrow(() => worker.state !== 'booting', signal);
    // With its predecessor gone, it is needed.
    const mayWait = (): boolean => worker.state === 'standby' && this.slot.successor === worker;
    await this.#whileFor(mayWait, halfOfSoak, signal);
    if (worker.state === 'standby' && this.terms.soak) {
      worker.promote(this.slot.index);
    }
    await changes.untilOrThrow(() => !worker.isStarting, signal);
    await this.#whileFor(() => worker.serves, halfOfSoak, signal);
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
  async rollback(signal: AbortSignal): Promise<void> {
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

  /** Waits for so long, if the condition holds for so long. */
  async #whileFor(condition: () => boolean, milliseconds: number, signal: AbortSignal) {
    if (milliseconds > 0) {
      await this.workforce.changes.untilOr(milliseconds, () => !condition() || signal.aborted);
      signal.throwIfAborted();
    }
  }

  #untilGone(worker: WorkerHandle, signal: AbortSignal): Promise<void> {
    return this.workforce.changes.untilOrThrow(() => worker.exit !== undefined, signal);
  }
}
