import { deferred } from '../../system/async/deferred.js';
import { ownerOfRun, type QueueWorker } from './queue-worker-class.js';

/**
 * The workers of BullMQ in this process. They take jobs from the moment at which this process is ready, until it drains:
 * a process that fails to boot, or a spare, leaves no job behind.
 *
 * It replaces `run()` of their class, which every worker calls, whoever creates it. BullMQ itself is never imported.
 *
 * @internal
 */
export class QueueWorkers {
  readonly #workers = new Set<QueueWorker>();
  readonly #observed = new WeakSet<object>();
  /** The workers that wait until this process is ready. */
  readonly #delayed = new Map<QueueWorker, DelayedRun>();
  #isDraining = false;

  /** @param whenReady calls the task when this process is ready; at once if it is */
  constructor(private readonly whenReady: (task: () => void) => void) {}

  /** Observes the workers of a class, before the first of them is created. */
  observe(workerClass: object): void {
    const owner = ownerOfRun(workerClass);
    if (!owner || this.#observed.has(owner)) {
      return;
    }
    this.#observed.add(owner);
    const begin = (worker: QueueWorker, run: () => Promise<void>): Promise<void> =>
      this.#begin(worker, run);
    const { run } = owner as { readonly run: (this: QueueWorker) => Promise<void> };
    owner.run = function (this: QueueWorker) {
      return begin(this, async () => run.call(this));
    };
  }

  /**
   * Pauses all workers, and those that begin from now on.
   *
   * @param waitUntil called for each worker, with a promise that resolves when its jobs in progress have ended
   */
  drain(waitUntil: (paused: Promise<void>) => void): void {
    this.#isDraining = true;
    this.#workers.forEach(worker => waitUntil(worker.pause()));
    // A worker that is paused ends its run at once.
    this.#delayed.forEach(({ begin }) => begin());
  }

  /** Lets further workers run: another application may follow in this process. */
  reopen(): void {
    this.#isDraining = false;
  }

  #begin(worker: QueueWorker, run: () => Promise<void>): Promise<void> {
    if (!this.#workers.has(worker)) {
      this.#workers.add(worker);
      worker.once('closed', () => this.#workers.delete(worker));
    }
    if (this.#isDraining) {
      return worker.pause().then(run);
    }
    // `resume()` of a worker that does not run yet calls `run()` again.
    return this.#delayed.get(worker)?.ended ?? this.#whenReady(worker, run);
  }

  #whenReady(worker: QueueWorker, run: () => Promise<void>): Promise<void> {
    const ended = deferred();
    const begin = (): void => {
      if (this.#delayed.delete(worker)) {
        run().then(
          () => ended.resolve(),
          (error: Error) => ended.reject(error),
        );
      }
    };
    this.#delayed.set(worker, { begin, ended: ended.promise });
    this.whenReady(begin);
    return ended.promise;
  }
}

interface DelayedRun {
  readonly begin: () => void;
  readonly ended: Promise<void>;
}
