import type { WorkerExit, WorkerStatus } from '../../model/host-status.interface.js';
import type { WorkerHandle } from './handle/worker-handle.js';

/**
 * The place of a worker: the worker that holds it, the successor that is to take it over, the workers that still
 * drain in it, and what is remembered from one worker to the next.
 *
 * @internal
 */
export class Slot {
  /** The worker that boots or serves here; `undefined` while the slot waits for its next one. */
  current: WorkerHandle | undefined;
  /** Boots or soaks beside the current worker. */
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
   * Notes that the worker leaves: the slot becomes free, or goes to the successor if there is one.
   *
   * @returns whether the worker held the slot
   */
  vacate(worker: WorkerHandle): boolean {
    const hadPlace = this.current === worker;
    if (hadPlace || this.successor === worker) {
      this.leaving.add(worker);
      this.#remove(worker);
    }
    return hadPlace;
  }

  /** Notes that the worker has exited. */
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
