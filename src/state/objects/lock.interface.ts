/** Options of `SharedState.lock()`. @publicApi */
export interface LockOptions {
  /** Milliseconds to wait for the lock; 0 for one attempt. @defaultValue `state.timeout` */
  readonly wait?: number | undefined;
  /**
   * Milliseconds after which the lock is free if its holder neither renews nor releases it. The lease is renewed
   * while the task runs. At least 100. @defaultValue 10000
   */
  readonly lease?: number | undefined;
  /** Ends the wait when it aborts: the call then rejects with its reason. It does not end a task that runs. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `SharedState.tryLock()`. @publicApi */
export type TryLockOptions = Pick<LockOptions, 'lease'>;

/** The result of `SharedState.tryLock()`. @publicApi */
export type TryLockResult<T> =
  | {
      /** The task has run. */
      readonly acquired: true;
      /** Its result. */
      readonly value: T;
    }
  | {
      /** The lock was held, and the task has not run. */
      readonly acquired: false;
    };

/** The argument of a task that holds a lock. @publicApi */
export interface HeldLock {
  /**
   * Aborts with a `LockLostError` when the lock is lost while the task runs. The task should end, because another
   * worker may have the lock.
   */
  readonly signal: AbortSignal;
  /**
   * The fencing token: a number that grows each time the lock is acquired. A storage that gets it with each write and
   * refuses lower numbers than it has seen is safe from holders that do not know yet that they have lost the lock.
   */
  readonly token: number;
  /**
   * Whether the lock is held now, by the clock of this worker: false as soon as its lease may have ended, also if the
   * event loop was blocked and `signal` has not aborted yet. Check it before a step that must not overlap.
   */
  readonly isHeld: boolean;
}
