import type { HostShutdown } from '../host-shutdown.js';
import { countFailure, restartDelay } from '../policies/restart-policy.js';
import type { Slot } from './slot.js';
import type { Spares } from './spares.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { Workforce } from './workforce.js';

/** @internal */
export interface SlotRestartsDependencies {
  readonly restart: { readonly initialDelay: number; readonly maxDelay: number };
  readonly workforce: Workforce;
  readonly spares: Pick<Spares, 'promote'>;
  readonly shutdown: Pick<HostShutdown, 'isUnderWay'>;
}

/**
 * Gives a slot whose worker has ended, or is about to, the next worker.
 *
 * @internal
 */
export class SlotRestarts {
  constructor(private readonly deps: SlotRestartsDependencies) {}

  /**
   * Gives the slot of a worker to the next one, unless it has been given already.
   *
   * @param isWanted whether someone has requested it, and it is not a failure
   * @returns a function that returns whether there is nothing to wait for: the next worker serves, has failed to
   *   boot, or is not wanted
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
   * Replaces a worker that has ended, or leaves, in its slot.
   *
   * @returns the delay in milliseconds; `undefined` if the slot has another worker already, or gets none
   */
  replace(slot: Slot, worker: WorkerHandle): number | undefined {
    if (worker.ending.leftOnSignal) {
      return this.#refill(slot, this.#firstDelay);
    }
    slot.failures = countFailure(slot.failures, worker.readyFor);
    return this.#refill(slot, restartDelay(slot.failures, this.deps.restart));
  }

  /**
   * The first delay. Not 0 for a worker that a signal ended while it booted: the primary may be about to receive the
   * signal, too.
   */
  get #firstDelay(): number {
    return restartDelay(1, this.deps.restart);
  }

  /** Promotes a spare at once, or forks a worker after `delay` ms. */
  #refill(slot: Slot, delay: number): number | undefined {
    const { workforce, spares, shutdown } = this.deps;
    if (shutdown.isUnderWay || slot.current || !workforce.isOpen(slot)) {
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
