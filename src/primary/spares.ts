import type { Logger } from '@nestjs/common';
import type { Clock } from '../process/clock.js';
import { primaryMessages } from './primary.messages.js';
import { restartDelay } from './restart-policy.js';
import type { Slot } from './slot.js';
import type { WorkerHandle } from './worker-handle.js';
import type { Workforce } from './workforce.js';

/** @internal */
export interface SparesDependencies {
  /** How many there are to be. */
  readonly count: number;
  readonly restart: { readonly initialDelay: number; readonly maxDelay: number };
  readonly workforce: Workforce;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  readonly fork: () => WorkerHandle;
  /** The generation of which workers are forked now. */
  readonly generation: () => number;
  readonly dismiss: (worker: WorkerHandle) => void;
}

/**
 * Workers that have booted and wait for a place, so that a slot which loses its worker has the next one in
 * milliseconds.
 *
 * @internal
 */
export class Spares {
  #isOpen = false;
  #failures = 0;
  #cancelRefill: () => void = () => {};

  constructor(private readonly deps: SparesDependencies) {}

  /** From now on there are to be spares. */
  open(): void {
    this.#isOpen = true;
    this.#refill();
  }

  /** There are to be no more. */
  close(): void {
    this.#isOpen = false;
    this.#cancelRefill();
  }

  /**
   * Puts a spare into an empty slot, if one stands by that is of the present generation.
   *
   * @param delay milliseconds until there is to be another one in its stead: crashes may come in a row
   */
  promote(slot: Slot, delay: number): WorkerHandle | undefined {
    const { workforce, generation } = this.deps;
    const spare = workforce.spares.find(
      worker => worker.state === 'standby' && worker.generation === generation(),
    );
    if (spare) {
      workforce.promote(spare, slot);
      spare.promote(slot.index);
      this.#refillAfter(delay);
    }
    return spare;
  }

  /** Those of former generations go, and others come. */
  renew(): void {
    const { workforce, generation, dismiss } = this.deps;
    if (!this.#isOpen) {
      return;
    }
    workforce.spares
      .filter(worker => worker.generation !== generation() && worker.state !== 'draining')
      .forEach(worker => dismiss(worker));
    this.#refill();
  }

  onStandby(): void {
    this.#failures = 0;
  }

  /** One has gone on its own. */
  onExit(): void {
    this.#refillAfter(restartDelay(++this.#failures, this.deps.restart));
  }

  /** An application without a server works as soon as it has booted: it cannot stand by. */
  onUnpromotable(spare: WorkerHandle): void {
    const { logger, dismiss } = this.deps;
    this.close();
    logger.warn(primaryMessages.unpromotable());
    dismiss(spare);
  }

  #refillAfter(delay: number): void {
    this.#cancelRefill();
    this.#cancelRefill = this.deps.clock.after(delay, () => this.#refill());
  }

  #refill(): void {
    const { workforce, count, fork, generation } = this.deps;
    const isGood = ({ state, generation: own }: WorkerHandle): boolean =>
      own === generation() && (state === 'booting' || state === 'standby');
    while (this.#isOpen && workforce.spares.filter(worker => isGood(worker)).length < count) {
      workforce.addSpare(fork());
    }
  }
}
