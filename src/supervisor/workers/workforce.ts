import type { WorkerStatus } from '../../model/host-status.interface.js';
import type { Clock } from '../../system/time/clock.js';
import { LastMinute } from '../../system/time/last-minute.js';
import { Conditions } from '../../system/async/conditions.js';
import { Slot } from './slot.js';
import type { WorkerHandle } from './handle/worker-handle.js';

/**
 * The workers there are, each in its slot, and the replacements that are due. Decides nothing.
 *
 * @internal
 */
export class Workforce {
  /** For waiting until the workers are in some state. */
  readonly changes: Conditions;
  #slots: readonly Slot[] = [];
  /** Of these there are to be no more workers than those that leave. */
  #closed: readonly Slot[] = [];
  #spares: readonly WorkerHandle[] = [];
  readonly #due = new Map<Slot, () => void>();
  readonly #restarts: LastMinute;

  constructor(
    size: number,
    private readonly clock: Clock,
    private readonly fork: (slot: Slot, standsBy?: boolean) => WorkerHandle,
    /** Told of every worker that comes, goes, or is in another state. */
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

  /** Those that have no slot. */
  get spares(): readonly WorkerHandle[] {
    return this.#spares;
  }

  get readyCount(): number {
    return this.workers.filter(({ serves }) => serves).length;
  }

  get isComplete(): boolean {
    return this.#slots.every(({ current }) => current?.state === 'ready');
  }

  /** How many have come to replace others in the last minute. */
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

  /** Opens slots until there are so many; they are empty yet. */
  open(size: number): readonly Slot[] {
    const opened = Array.from(
      { length: size - this.#slots.length },
      (_, place) => new Slot(this.#slots.length + place),
    );
    this.#slots = [...this.#slots, ...opened];
    return opened;
  }

  /** Closes slots from the highest on, until there are so many. Whoever works there has yet to be told. */
  close(size: number): readonly Slot[] {
    const closed = this.#slots.slice(size);
    this.#slots = this.#slots.slice(0, size);
    closed.forEach(slot => this.#cancelRefill(slot));
    this.#closed = [...this.#closed.filter(({ workers }) => workers.length > 0), ...closed];
    return closed;
  }

  /** The slot that a worker has, or had when it began to leave; none of a spare. */
  slotOf(worker: WorkerHandle): Slot | undefined {
    return this.#allSlots.find(({ workers }) => workers.includes(worker));
  }

  /** Whether a slot is one of those that are to have a worker. */
  isOpen(slot: Slot): boolean {
    return this.#slots.includes(slot);
  }

  /** Puts a new worker into a slot. */
  fill(slot: Slot): WorkerHandle {
    this.#cancelRefill(slot);
    const worker = this.fork(slot);
    slot.current = worker;
    this.changed();
    return worker;
  }

  /** Puts a new worker into a slot, beside the one that works there. */
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

  /** Puts a spare into an empty slot. */
  promote(spare: WorkerHandle, slot: Slot): void {
    this.#cancelRefill(slot);
    this.removeSpare(spare);
    slot.current = spare;
    this.changed();
  }

  /** Puts a new worker into a slot that has lost one, after `delay` milliseconds. */
  refillAfter(slot: Slot, delay: number): void {
    const cancel = this.clock.after(delay, () => {
      this.noteRestart(slot);
      this.fill(slot);
    });
    this.#due.set(slot, cancel);
  }

  /** A slot gets another worker because it has lost one. */
  noteRestart(slot: Slot): void {
    slot.restarts++;
    this.#restarts.add(1);
  }

  /** No further replacements. */
  cancelRefills(): void {
    this.#due.forEach(cancel => cancel());
    this.#due.clear();
  }

  /** A worker has come or gone, or is in another state. */
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
