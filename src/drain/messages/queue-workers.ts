import { deferred } from '../../system/async/deferred.js';
import { ownerOfRun, type QueueWorker } from './queue-worker-class.js';

/**
 * The workers of BullMQ in this process. They take jobs from the moment at which this process is ready, until it drains:
 * a process that fails to boot, or a spare, leaves no job behind.
 *
 * `run()` and `pause()` of BullMQ's class of workers are replaced, so that all workers are observed, also those that the
 * application creates itself. This class never imports BullMQ.
 *
 * @internal
 */
export class QueueWorkers {
  /** The workers that have not closed, with their calls of `run()` and `pause()` that have not settled. */
  readonly #workers = new Map<QueueWorker, Set<Promise<void>>>();
  readonly #observed = new WeakSet<object>();
  /** The workers that wait until this process is ready. */
  readonly #delayed = new Map<QueueWorker, DelayedRun>();
  /** Makes the drain wait; `undefined` unless this process drains. */
  #waitUntil: ((ended: Promise<void>) => void) | undefined;

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
    const note = (worker: QueueWorker, call: Promise<void>): Promise<void> =>
      this.#note(worker, call);
    const { run, pause } = owner as {
      readonly run: (this: QueueWorker) => Promise<void>;
      readonly pause: (this: QueueWorker, ...args: unknown[]) => Promise<void>;
    };
    owner.run = function (this: QueueWorker) {
      return begin(this, async () => note(this, run.call(this)));
    };
    owner.pause = function (this: QueueWorker, ...args: unknown[]) {
      return note(this, pause.apply(this, args));
    };
  }

  /**
   * Pauses all workers, and those that begin or are resumed from now on.
   *
   * @param waitUntil called for each worker, with a promise that settles when its jobs in progress have ended
   */
  drain(waitUntil: (ended: Promise<void>) => void): void {
    this.#waitUntil = waitUntil;
    [...this.#workers.keys()].forEach(worker => waitUntil(this.#pause(worker)));
    // A worker that is paused ends its run at once.
    this.#delayed.forEach(({ begin }) => begin());
  }

  /** Lets further workers run: another application may follow in this process. */
  reopen(): void {
    this.#waitUntil = undefined;
  }

  #begin(worker: QueueWorker, run: () => Promise<void>): Promise<void> {
    if (!this.#workers.has(worker)) {
      this.#workers.set(worker, new Set());
      worker.once('closed', () => this.#workers.delete(worker));
      worker.on('resumed', () => this.#waitUntil?.(this.#pause(worker)));
    }
    if (this.#waitUntil) {
      // Not for calls under way: a subclass may call this in its own `run()`.
      const paused = worker.pause();
      this.#waitUntil(paused);
      return paused.then(run);
    }
    // `resume()` of a worker that does not run yet calls `run()` again.
    return this.#delayed.get(worker)?.ended ?? this.#whenReady(worker, run);
  }

  /**
   * Pauses a worker, and resolves when its jobs in progress have ended. If the application has paused it before, `pause()`
   * does not wait for them, but `run()` does. The application's own call of `pause()` must end before its connection closes.
   */
  async #pause(worker: QueueWorker): Promise<void> {
    const calls = [worker.pause(), ...(this.#workers.get(worker) ?? [])];
    await Promise.allSettled(calls);
    await Promise.all(calls);
  }

  /** Keeps a call until it settles. */
  #note(worker: QueueWorker, call: Promise<void>): Promise<void> {
    const calls = this.#workers.get(worker);
    const noted = call.finally(() => calls?.delete(noted));
    calls?.add(noted);
    return noted;
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
