import type { WorkerExit, WorkerStatus } from '../events/worker-facts.js';
import type { Clock } from '../process/clock.js';
import type { WorkerHandle } from './worker-handle.js';

/**
 * A worker's place: the worker that holds it now, those that still drain in it, and what is to be
 * remembered from one worker to the next.
 *
 * @internal
 */
export class Slot {
  /** The worker that boots or serves here; none while the slot waits for its next one. */
  current: WorkerHandle | undefined;
  readonly leaving = new Set<WorkerHandle>();
  /** Failures in a row, for the backoff. */
  failures = 0;
  restarts = 0;
  #lastExit: { readonly exit: WorkerExit; readonly worker: WorkerHandle } | undefined;

  constructor(
    readonly index: number,
    private readonly clock: Clock,
  ) {}

  get workers(): readonly WorkerHandle[] {
    return this.current ? [...this.leaving, this.current] : [...this.leaving];
  }

  /** The worker begins to leave: its place is free for the next one. */
  vacate(worker: WorkerHandle): boolean {
    if (this.current !== worker) {
      return false;
    }
    this.current = undefined;
    this.leaving.add(worker);
    return true;
  }

  /** The worker is gone. */
  remember(worker: WorkerHandle, exit: WorkerExit): void {
    this.leaving.delete(worker);
    if (this.current === worker) {
      this.current = undefined;
    }
    this.#lastExit = { exit, worker };
  }

  status(): WorkerStatus[] {
    const workers = this.workers.map(worker =>
      this.#describe(worker, this.clock.now() - worker.forkedAt),
    );
    const isEmpty = workers.length === 0 && this.#lastExit !== undefined;
    return isEmpty ? [this.#describe(this.#lastExit!.worker, 0)] : workers;
  }

  #describe({ slot, generation, id, pid, state }: WorkerHandle, uptime: number): WorkerStatus {
    return {
      slot,
      generation,
      id,
      pid,
      state,
      uptime,
      restarts: this.restarts,
      ...(this.#lastExit && { lastExit: this.#lastExit.exit }),
    };
  }
}
