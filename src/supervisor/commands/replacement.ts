import type { Dismiss } from '../workers/dismissal.js';
import type { Slot } from '../workers/slot.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { Workforce } from '../workers/workforce.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** @internal */
export interface ReplacementTerms {
  /** A generation whose workers need no replacement: a slot that lost its worker may have one already. */
  readonly sufficient?: number;
  /**
   * Milliseconds for which the new worker must stay healthy before the old one drains. In the first half, it does not
   * listen, so that a crash affects no client. In the second half, it serves. Afterwards, it must send another heartbeat.
   */
  readonly soak?: number;
}

/**
 * Replaces one worker: the new worker serves first, then the old one drains.
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
   * Resolves when the new worker is ready and has passed the soak.
   *
   * @throws WorkerFailedError if the new worker has exited before
   */
  async awaitHealthy(signal: AbortSignal): Promise<void> {
    const { changes } = this.workforce;
    const { worker } = this;
    const halfOfSoak = (this.terms.soak ?? 0) / 2;
    await changes.untilOrThrow(() => worker.state !== 'booting', signal);
    // If its predecessor is gone, the slot needs it now.
    const mayWait = (): boolean => worker.isWaiting && this.slot.successor === worker;
    await this.#whileFor(mayWait, halfOfSoak, signal);
    if (worker.isWaiting && this.terms.soak) {
      worker.promote(this.slot.index);
    }
    await changes.untilOrThrow(() => !worker.isStarting, signal);
    if (halfOfSoak > 0) {
      await this.#whileFor(() => worker.serves, halfOfSoak, signal);
      await this.#nextHeartbeat(signal);
    }
    if (!worker.serves) {
      // A hung worker is killed and a draining one exits by itself or is killed.
      await this.#untilGone(worker, signal);
      throw new WorkerFailedError(worker);
    }
  }

  /**
   * Makes the old worker drain, and resolves when it has exited.
   *
   * @throws WorkerFailedError if the new worker has exited meanwhile; the old one then continues to serve
   */
  async finish(signal: AbortSignal): Promise<void> {
    const { slot, worker } = this;
    const predecessor = this.#predecessor;
    if (!predecessor) {
      return;
    }
    // Otherwise the old worker has left on its own, and the new one already has its slot.
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

  /**
   * Ends the new worker, unless the old one has gone and the slot needs it.
   *
   * @param stop aborted when the host stops: the stop then drains the new worker as well
   */
  async rollback(stop: AbortSignal): Promise<void> {
    const { slot, worker } = this;
    if (stop.aborted || slot.successor !== worker) {
      return;
    }
    if (worker.isStarting) {
      worker.kill('killed');
    } else {
      await this.dismiss(worker);
    }
    await this.#untilGone(worker, stop);
  }

  /** Waits as long as the condition holds, at most `milliseconds`. */
  async #whileFor(condition: () => boolean, milliseconds: number, signal: AbortSignal) {
    if (milliseconds > 0) {
      await this.workforce.changes.untilOr(milliseconds, () => !condition() || signal.aborted);
      signal.throwIfAborted();
    }
  }

  /** A worker that is blocked serves as far as is known, until it is found to be hung. */
  async #nextHeartbeat(signal: AbortSignal): Promise<void> {
    const { worker } = this;
    const { vitals } = worker;
    await this.workforce.changes.untilOrThrow(
      () => !worker.serves || !worker.sendsHeartbeats || worker.vitals !== vitals,
      signal,
    );
  }

  #untilGone(worker: WorkerHandle, signal: AbortSignal): Promise<void> {
    return this.workforce.changes.untilOrThrow(() => worker.exit !== undefined, signal);
  }
}
