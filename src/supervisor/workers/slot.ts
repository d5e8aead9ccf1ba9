import type { WorkerExit, WorkerStatus } from '../../model/host-status.interface.js';
import type { WorkerHandle } from './handle/worker-handle.js';

/**
 * A worker's place: the worker that holds it now, the one that is to take it over, those that still drain
 * in it, and what is to be remembered from one worker to the next.
 *
 * @internal
 */
export class Slot {
  /** The worker that boots or serves here; none while the slot waits for its next one. */
  current: WorkerHandle | undefined;
  /** Boots, or proves itself, beside the current one. */
  successor: WorkerHandle | undefined;
  readonly leaving = new Set<WorkerHandle>();
  /** Failures in a row, for the backoff. */
  failures = 0;
  restarts = 0;
  #lastExit: { readonly exit: WorkerExit; readonly worker: WorkerHandle } | undefined;

  constructor(readonly index: number) {}

  get workers(): readonly WorkerHandle[] {
    return [...this.leaving, this.current, this.successor].filter(worker => worker !== undefined);
  }

  /**
   * The worker begins to leave: its place is free for the next one, and the successor's if there is one.
   *
   * @returns whether it had the place
   */
  vacate(worker: WorkerHandle): boolean {
    const hadPlace = this.current === worker;
    if (hadPlace || this.successor === worker) {
      this.leaving.add(worker);
      this.#remove(worker);
    }
    return hadPlace;
  }

  /** The worker is gone. */
  remember(worker: WorkerHandle, exit: WorkerExit): void {
    this.leaving.delete(worker);
    this.#remove(worker);
    this.#lastExit = { exit, worker };
  }

  status(): WorkerStatus[] {
    const workers = this.workers.map(worker => this.#describe(worker));
    const isEmpty = workers.length === 0 && this.#lastExit !== undefined;
    return isEmpty ? [{ ...this.#describe(this.#lastExit!.worker), uptime: 0 }] : workers;
  }

  #remove(worker: WorkerHandle): void {
    if (this.successor === worker) {
      this.successor = undefined;
    } else if (this.current === worker) {
      this.current = this.successor;
      this.successor = undefined;
    }
  }

  #describe(worker: WorkerHandle): WorkerStatus {
    return {
      ...worker.describe(),
      restarts: this.restarts,
      ...(this.#lastExit && { lastExit: this.#lastExit.exit }),
    };
  }
}
