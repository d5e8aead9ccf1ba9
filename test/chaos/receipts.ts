import type { OrderReport, Step } from '../fixtures/apps/chaos/orders.controller.js';

/** The answers that all buyers received. */
export class Receipts {
  /** The values that increments of the counter returned. */
  readonly counted: number[] = [];
  /** Increments that may have been applied. */
  maybeCounted = 0;
  /** Orders whose publication was confirmed. */
  readonly published = new Set<string>();
  locked = 0;
  orders = 0;
  /** Steps that were definitely not applied, by code. */
  readonly refused = new Map<string, number>();
  readonly ambiguous = new Map<string, number>();

  add(id: string, { counted, locked, published }: OrderReport): void {
    this.orders++;
    this.#step(counted, value => this.counted.push(value));
    if (counted.was === 'ambiguous') {
      this.maybeCounted++;
    }
    this.#step(locked, () => this.locked++);
    this.#step(published, () => this.published.add(id));
  }

  /** An order without an answer: every step may have been applied. */
  addUnanswered(): void {
    this.maybeCounted++;
  }

  #step<Value>(step: Step<Value>, onApplied: (value: Value) => void): void {
    if (step.was === 'applied') {
      onApplied(step.value);
    } else {
      const codes = this[step.was];
      codes.set(step.code, (codes.get(step.code) ?? 0) + 1);
    }
  }
}
