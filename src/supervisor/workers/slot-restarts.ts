import { countFailure, restartDelay } from '../policies/restart-policy.js';
import type { Slot } from './slot.js';
import type { Spares } from './spares.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { Workforce } from './workforce.js';

/** @internal */
export interface RefillingDependencies {
  readonly restart: { readonly initialDelay: number; readonly maxDelay: number };
  readonly workforce: Workforce;
  readonly spares: Spares;
  readonly isStopping: () => boolean;
}

/**
 * Sees to it that a slot which has lost its worker, or is about to, gets the next one.
 *
 * @internal
 */
export class SlotRestarts {
  constructor(private readonly deps: RefillingDependencies) {}

  /**
   * A worker leaves its slot to the next one, unless it has done so before.
   *
   * @param isWanted whether somebody wants it so, and it is not a failure
   * @returns whether there is nothing to wait for: the next one serves, has failed to boot, or is not to be
   */
  succeed(worker: WorkerHandle, isWanted: boolean): () => boolean {
    const { workforce } = this.deps;
    const slot = workforce.slotOf(worker);
    if (!slot?.vacate(worker)) {
      return () => true;
    }
    if (isWanted) {
      this.#refill(slot, worker.readyFor > 0 ? 0 : this.#firstDelay);
    } else {
      this.replace(slot, worker);
    }
    const { failures } = slot;
    return () =>
      slot.current?.serves === true || slot.failures > failures || !workforce.isOpen(slot);
  }

  /**
   * Replaces a worker that has gone, or goes, from its slot.
   *
   * @returns after how many milliseconds; `undefined` if another one is there, or is not to be
   */
  replace(slot: Slot, worker: WorkerHandle): number | undefined {
    if (worker.ending.leftOnSignal) {
      return this.#refill(slot, this.#firstDelay);
    }
    slot.failures = countFailure(slot.failures, worker.readyFor);
    return this.#refill(slot, restartDelay(slot.failures, this.deps.restart));
  }

  /** Not at once for one that was ended while it booted: the signal may be on its way to the primary as well. */
  get #firstDelay(): number {
    return restartDelay(1, this.deps.restart);
  }

  /** By a spare at once, or by a new worker after a while. */
  #refill(slot: Slot, delay: number): number | undefined {
    const { workforce, spares, isStopping } = this.deps;
    if (isStopping() || slot.current || !workforce.isOpen(slot)) {
      return undefined;
    }
    if (spares.promote(slot, delay)) {
      workforce.noteRestart(slot);
      return undefined;
    }
    workforce.refillAfter(slot, delay);
    return delay;
  }
}
