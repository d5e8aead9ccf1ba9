import { checkFunction, SEMAPHORE_RUN_RULES, stateInput } from '../state.validation.js';
import { runHolding } from './held-lock.js';
import { semaphoreKey } from '../client/lock-release.js';
import type { HeldLock } from './lock.interface.js';
import type { Locks } from './locks.js';

/** Options of `SharedState.semaphore()`. @publicApi */
export interface SemaphoreOptions {
  /** How many tasks may run at the same time, in all workers together. */
  readonly permits: number;
  /**
   * Milliseconds after which a permit is free if its holder neither renews nor releases it. The lease is renewed while
   * the task runs. At least 100. @defaultValue 10000
   */
  readonly lease?: number | undefined;
}

/** Options of `StateSemaphore.run()`. @publicApi */
export interface SemaphoreRunOptions {
  /** Milliseconds to wait for a permit; 0 for one attempt. @defaultValue `state.timeout` */
  readonly wait?: number | undefined;
  /** Ends the wait when it aborts: the call then rejects with its reason. It does not end a task that runs. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Limits how many tasks run at the same time, in all workers together. Waiting calls get a permit in the order of their
 * requests. The permit of a worker that dies is free at once, and that of a host that dies after the lease.
 *
 * @publicApi
 */
export class StateSemaphore {
  /** @internal */
  constructor(
    private readonly locks: Locks,
    /** The name of the semaphore. */
    readonly name: string,
    /** How many tasks may run at the same time. */
    readonly permits: number,
    private readonly lease: number,
    private readonly timeout: number,
  ) {}

  /**
   * Runs a task when there is a permit for it.
   *
   * @returns the result of the task
   * @throws LockTimeoutError if there was no permit in time
   * @throws StateUnavailableError, AmbiguousResultError if the backend did not answer in time: the task did not run
   * @throws the reason of `signal`, or the error of the task
   */
  async run<T>(
    task: (permit: HeldLock) => T | Promise<T>,
    options: SemaphoreRunOptions = {},
  ): Promise<T> {
    const { name, permits, lease } = this;
    checkFunction(name, 'The task of the semaphore', task);
    const { wait = this.timeout, signal } = stateInput.options(
      SEMAPHORE_RUN_RULES,
      'the semaphore',
      name,
      options,
    );
    const key = semaphoreKey(name);
    const hold = await this.locks.acquire({ key, name, wait, lease, permits, signal });
    return runHolding(hold, task);
  }
}
