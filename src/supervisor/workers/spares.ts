import type { Logger } from '@nestjs/common';
import { NO_SLOT, type WorkerExitReason } from '../../model/host-status.interface.js';
import type { Clock } from '../../system/time/clock.js';
import type { Dismiss } from '../commands/replacement.js';
import { supervisorMessages } from '../supervisor.messages.js';
import { restartDelay } from '../policies/restart-policy.js';
import type { Slot } from './slot.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { Workforce } from './workforce.js';

/** @internal */
export interface SparesDependencies {
  /** How many there are to be. */
  readonly count: number;
  readonly restart: { readonly initialDelay: number; readonly maxDelay: number };
  readonly workforce: Workforce;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'log' | 'warn'>;
  readonly fork: () => WorkerHandle;
  /** The generation of which workers are forked now. */
  readonly generation: () => number;
  readonly dismiss: Dismiss;
  readonly onPromoted: (spare: WorkerHandle) => void;
}

/**
 * Workers that have booted and wait for a place, so that a slot which loses its worker has the next one in
 * milliseconds.
 *
 * @internal
 */
export class Spares {
  #isOpen = false;
  /** Whether the application has nothing that a spare could begin later. */
  #isPointless = false;
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
    this.#isPointless = false;
    this.#cancelRefill();
  }

  /**
   * Puts a spare into an empty slot, if one stands by that is of the present generation.
   *
   * @param delay milliseconds until there is to be another one in its stead: crashes may come in a row
   */
  promote(slot: Slot, delay: number): WorkerHandle | undefined {
    const { workforce, generation, logger, onPromoted } = this.deps;
    const spare = workforce.spares.find(
      worker => worker.state === 'standby' && worker.generation === generation(),
    );
    if (spare) {
      workforce.promote(spare, slot);
      spare.promote(slot.index);
      onPromoted(spare);
      logger.log(supervisorMessages.promoted(slot.index, spare.identify()));
      this.#refillAfter(delay);
    }
    return spare;
  }

  /** Those of former generations go, and others come. */
  renew(): void {
    const { workforce, generation, dismiss } = this.deps;
    if (this.#isPointless) {
      // Other code may have a server.
      this.#isPointless = false;
      this.#isOpen = true;
    }
    if (!this.#isOpen) {
      return;
    }
    workforce.spares
      .filter(worker => worker.generation !== generation() && worker.state !== 'draining')
      .forEach(worker => void dismiss(worker));
    this.#refill();
  }

  onStandby(worker: WorkerHandle): void {
    if (worker.slot === NO_SLOT) {
      this.#failures = 0;
    }
  }

  /** One has gone; there is to be another one, unless it is one of those that were too many. */
  onExit(reason: WorkerExitReason): void {
    this.#failures = reason === 'left' ? 0 : this.#failures + 1;
    const delay = reason === 'left' ? 0 : restartDelay(this.#failures, this.deps.restart);
    this.#refillAfter(delay);
  }

  /** An application without a server works as soon as it has booted: it cannot stand by. */
  onUnpromotable(spare: WorkerHandle): void {
    const { logger, dismiss } = this.deps;
    if (this.#isOpen) {
      this.close();
      this.#isPointless = true;
      logger.warn(supervisorMessages.unpromotable());
    }
    void dismiss(spare);
  }

  #refillAfter(delay: number): void {
    this.#cancelRefill();
    if (this.#isOpen) {
      this.#cancelRefill = this.deps.clock.after(delay, () => this.#refill());
    }
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
