import type { WorkerStatus } from '../events/worker-facts.js';
import type { Clock } from '../process/clock.js';
import { Conditions } from './conditions.js';
import { Slot } from './slot.js';
import type { WorkerHandle } from './worker-handle.js';

/**
 * The workers there are, each in its slot, and the replacements that are due. Decides nothing.
 *
 * @internal
 */
export class Workforce {
  readonly slots: readonly Slot[];
  /** For waiting until the workers are in some state. */
  readonly changes: Conditions;
  readonly #due = new Map<Slot, () => void>();

  constructor(
    size: number,
    private readonly clock: Clock,
    private readonly fork: (slot: Slot) => WorkerHandle,
    /** Told the process ids of all workers whenever they change. */
    private readonly onChanged: (pids: readonly number[]) => void,
  ) {
    this.changes = new Conditions(clock);
    this.slots = Array.from({ length: size }, (_, index) => new Slot(index, clock));
  }

  get workers(): readonly WorkerHandle[] {
    return this.slots.flatMap(slot => slot.workers);
  }

  get readyCount(): number {
    return this.workers.filter(({ state }) => state === 'ready').length;
  }

  get isComplete(): boolean {
    return this.slots.every(({ current }) => current?.state === 'ready');
  }

  get isEmpty(): boolean {
    return this.workers.length === 0;
  }

  status(): WorkerStatus[] {
    return this.slots.flatMap(slot => slot.status());
  }

  /** Puts a new worker into a slot. */
  fill(slot: Slot): void {
    slot.current = this.fork(slot);
    this.changed();
  }

  /** Puts a new worker into a slot that has lost one, after `delay` milliseconds. */
  refillAfter(slot: Slot, delay: number): void {
    const cancel = this.clock.after(delay, () => {
      this.#due.delete(slot);
      slot.restarts++;
      this.fill(slot);
    });
    this.#due.set(slot, cancel);
  }

  /** No further replacements. */
  cancelRefills(): void {
    this.#due.forEach(cancel => cancel());
    this.#due.clear();
  }

  /** A worker has come or gone, or is in another state. */
  changed(): void {
    this.onChanged(this.workers.map(({ pid }) => pid).filter(pid => pid > 0));
    this.changes.check();
  }
}
