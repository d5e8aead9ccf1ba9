import type { Logger } from '@nestjs/common';
import { NO_SLOT, type WorkerExitReason } from '../../model/host-status.interface.js';
import type { Clock } from '../../system/time/clock.js';
import { supervisorMessages } from '../supervisor.messages.js';
import { restartDelay } from '../policies/restart-policy.js';
import type { Dismiss } from './dismissal.js';
import type { Generation } from './generation.js';
import type { Slot } from './slot.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { Workforce } from './workforce.js';

/** @internal */
export interface SparesDependencies {
  /** The wanted number of spares. */
  readonly count: number;
  readonly restart: { readonly initialDelay: number; readonly maxDelay: number };
  readonly workforce: Workforce;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'log' | 'warn'>;
  readonly fork: () => WorkerHandle;
  readonly generation: Generation;
  readonly dismiss: Dismiss;
  readonly onPromoted: (spare: WorkerHandle) => void;
}

/**
 * Keeps workers that have booted and wait for a slot, so that a slot that loses its worker has the next one within
 * milliseconds.
 *
 * @internal
 */
export class Spares {
  #isOpen = false;
  /** Whether the application has no server whose `listen()` can be delayed. */
  #isPointless = false;
  #failures = 0;
  #cancelRefill: () => void = () => {};

  constructor(private readonly deps: SparesDependencies) {}

  /** Starts keeping spares. */
  open(): void {
    this.#isOpen = true;
    this.#refill();
  }

  /** Stops keeping spares. */
  close(): void {
    this.#isOpen = false;
    this.#isPointless = false;
    this.#cancelRefill();
  }

  /**
   * Promotes a spare of the current generation into an empty slot, if one is on standby.
   *
   * @param delay milliseconds until another spare is started: crashes may come in a row
   */
  promote(slot: Slot, delay: number): WorkerHandle | undefined {
    const { workforce, generation, logger, onPromoted } = this.deps;
    const spare = workforce.spares.find(
      worker => worker.isWaiting && worker.generation === generation.current,
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

  /** Replaces the spares of earlier generations. */
  renew(): void {
    const { workforce, generation, dismiss } = this.deps;
    if (this.#isPointless) {
      // The new code may have a server.
      this.#isPointless = false;
      this.#isOpen = true;
    }
    if (!this.#isOpen) {
      return;
    }
    workforce.spares
      .filter(worker => worker.generation !== generation.current && worker.state !== 'draining')
      .forEach(worker => void dismiss(worker));
    this.#refill();
  }

  onStandby(worker: WorkerHandle): void {
    if (worker.slot === NO_SLOT) {
      this.#failures = 0;
    }
  }

  /** Notes that a spare has exited, and starts another one if fewer than wanted remain. */
  onExit(reason: WorkerExitReason): void {
    this.#failures = reason === 'left' ? 0 : this.#failures + 1;
    const delay = reason === 'left' ? 0 : restartDelay(this.#failures, this.deps.restart);
    this.#refillAfter(delay);
  }

  /** Disables spares: an application without a server starts its work as soon as it has booted, so it cannot wait. */
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
      own === generation.current && (state === 'booting' || state === 'standby');
    while (this.#isOpen && workforce.spares.filter(worker => isGood(worker)).length < count) {
      workforce.addSpare(fork());
    }
  }
}
