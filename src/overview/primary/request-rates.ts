import type { WorkerStatus } from '../../model/host-status.interface.js';
import type { Unknown } from '../overview.interface.js';

/** The number of requests at a heartbeat, and the rate since the one before. */
interface Counted {
  readonly requests: number;
  readonly at: number;
  readonly rate: number | Unknown;
}

/**
 * The requests per second of each worker, from one heartbeat to another one.
 *
 * @internal
 */
export class RequestRates {
  /** By Node's id of the worker. */
  readonly #counted = new Map<number, Counted>();

  /** Notes a status with the time of its last heartbeat in milliseconds. */
  note({ id, vitals }: WorkerStatus, at: number | undefined): void {
    if (!vitals || at === undefined) {
      this.#counted.delete(id);
      return;
    }
    const { requests } = vitals;
    const before = this.#counted.get(id);
    if (before?.at === at) {
      return;
    }
    const rate = before
      ? Math.max(0, ((requests - before.requests) * 1_000) / (at - before.at))
      : null;
    this.#counted.set(id, { requests, at, rate: rate && Math.round(rate * 10) / 10 });
  }

  of(worker: number): number | Unknown {
    return this.#counted.get(worker)?.rate ?? null;
  }

  /** Forgets all workers but these. */
  keep(workers: ReadonlySet<number>): void {
    for (const id of this.#counted.keys()) {
      if (!workers.has(id)) {
        this.#counted.delete(id);
      }
    }
  }
}
