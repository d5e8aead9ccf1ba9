/** Options of `SharedState.lock()`. @publicApi */
export interface LockOptions {
  /** Milliseconds to wait for the lock; 0 tries once. @defaultValue `state.timeout` */
  readonly wait?: number;
  /**
   * Milliseconds after which the lock is free though its holder has not released it, because nothing
   * is heard of him. It is renewed while the task runs. At least 100. @defaultValue 10000
   */
  readonly lease?: number;
}

/** What a task that holds a lock gets. @publicApi */
export interface HeldLock {
  /**
   * Aborts, with a `LockLostError`, when the lock is lost while the task runs: the task should end, for
   * somebody else may have the lock.
   */
  readonly signal: AbortSignal;
  /**
   * A number that is greater each time that the lock is acquired. A storage that is given it with
   * each write, and refuses those with a lower number than it has seen, is safe from holders that do not know yet that they
   * have lost the lock.
   */
  readonly token: number;
}
