import type { WorkerStatus } from '../../model/host-status.interface.js';
import type { Clock } from '../../system/time/clock.js';
import { LastMinute } from '../../system/time/last-minute.js';
import { Conditions } from '../../system/async/conditions.js';
import { Slot } from './slot.js';
import type { WorkerHandle } from './handle/worker-handle.js';

/**
 * The workers in their slots, the spares, and the replacements that are due. Makes no decisions.
 *
 * @internal
 */
export class Workforce {
  /** Resolves waits for states of the workers. */
  readonly changes: Conditions;
  #slots: readonly Slot[] = [];
  /** Closed slots whose workers still drain; they get no new ones. */
  #closed: readonly Slot[] = [];
  #spares: readonly WorkerHandle[] = [];
  readonly #due = new Map<Slot, () => void>();
  readonly #restarts: LastMinute;

  constructor(
    size: number,
    private readonly clock: Clock,
    private readonly fork: (slot: Slot, standsBy?: boolean) => WorkerHandle,
    /** Called whenever a worker comes, goes, or changes its state. */
    private readonly onChanged: () => void,
  ) {
    this.changes = new Conditions(clock);
    this.#restarts = new LastMinute(() => clock.now());
    this.open(size);
  }

  get slots(): readonly Slot[] {
    return this.#slots;
  }

  get workers(): readonly WorkerHandle[] {
    return [...this.#allSlots.flatMap(slot => slot.workers), ...this.#spares];
  }

  /** The process ids of all workers that could be started. */
  get pids(): readonly number[] {
    return this.workers.map(({ pid }) => pid).filter(pid => pid > 0);
  }

  /** Workers without a slot. */
  get spares(): readonly WorkerHandle[] {
    return this.#spares;
  }

  get readyCount(): number {
    return this.workers.filter(({ serves }) => serves).length;
  }

  get isComplete(): boolean {
    return this.#slots.every(({ current }) => current?.state === 'ready');
  }

  /** The number of restarts in the last minute. */
  get recentRestarts(): number {
    return this.#restarts.sum;
  }

  get isEmpty(): boolean {
    return this.workers.length === 0;
  }

  status(): WorkerStatus[] {
    return [
      ...this.#slots.flatMap(slot => slot.status()),
      ...this.#closed.filter(({ workers }) => workers.length > 0).flatMap(slot => slot.status()),
    ];
  }

  /** Opens empty slots until there are `size`, and returns the new ones. */
  open(size: number): readonly Slot[] {
    const opened = Array.from(
      { length: size - this.#slots.length },
      (_, place) => new Slot(this.#slots.length + place),
    );
    this.#slots = [...this.#slots, ...opened];
    return opened;
  }

  /**
   * Closes slots, from the highest on, until there are `size`, and returns them. Their workers have not been told to
   * drain yet.
   */
  close(size: number): readonly Slot[] {
    const closed = this.#slots.slice(size);
    this.#slots = this.#slots.slice(0, size);
    closed.forEach(slot => this.#cancelRefill(slot));
    this.#closed = [...this.#closed.filter(({ workers }) => workers.length > 0), ...closed];
    return closed;
  }

  /** Returns the slot that a worker has, or had when it began to leave; `undefined` for a spare. */
  slotOf(worker: WorkerHandle): Slot | undefined {
    return this.#allSlots.find(({ workers }) => workers.includes(worker));
  }

  /** Whether a slot is open. */
  isOpen(slot: Slot): boolean {
    return this.#slots.includes(slot);
  }

  /** Forks a worker into a slot. */
  fill(slot: Slot): WorkerHandle {
    this.#cancelRefill(slot);
    const worker = this.fork(slot);
    slot.current = worker;
    this.changed();
    return worker;
  }

  /** Forks a worker into a slot, beside its current worker. */
  addSuccessor(slot: Slot, standsBy: boolean): WorkerHandle {
    const worker = this.fork(slot, standsBy);
    slot.successor = worker;
    this.changed();
    return worker;
  }

  addSpare(worker: WorkerHandle): void {
    this.#spares = [...this.#spares, worker];
    this.changed();
  }

  removeSpare(worker: WorkerHandle): void {
    this.#spares = this.#spares.filter(other => other !== worker);
  }

  /** Moves a spare into an empty slot. */
  promote(spare: WorkerHandle, slot: Slot): void {
    this.#cancelRefill(slot);
    this.removeSpare(spare);
    slot.current = spare;
    this.changed();
  }

  /** Forks a worker into a slot that has lost its worker, after `delay` milliseconds. */
  refillAfter(slot: Slot, delay: number): void {
    const cancel = this.clock.after(delay, () => {
      this.noteRestart(slot);
      this.fill(slot);
    });
    this.#due.set(slot, cancel);
  }

  /** Counts a restart of a slot that has lost its worker. */
  noteRestart(slot: Slot): void {
    slot.restarts++;
    this.#restarts.add(1);
  }

  /** Cancels all replacements that are due. */
  cancelRefills(): void {
    this.#due.forEach(cancel => cancel());
    this.#due.clear();
  }

  /** Notes that a worker has come, gone, or changed its state. */
  changed(): void {
    this.onChanged();
    this.changes.check();
  }

  get #allSlots(): readonly Slot[] {
    return [...this.#slots, ...this.#closed];
  }

  #cancelRefill(slot: Slot): void {
    this.#due.get(slot)?.();
    this.#due.delete(slot);
  }
}
