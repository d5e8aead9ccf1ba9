import { LockTimeoutError } from '../../model/errors/lock-timeout.error.js';
import type { HeldLock } from '../../state/objects/lock.interface.js';
import type { SharedState } from '../../state/shared-state.js';
import { deferred, type Deferred } from '../../system/async/deferred.js';
import { ROLLOUT_LEASE, ROLLOUT_LOCK } from '../fleet-names.js';

/** Milliseconds to wait for the lock: the former agent of this host may be about to release it. */
const WAIT = 2_000;

interface Held {
  readonly lock: HeldLock;
  readonly released: Deferred;
}

/**
 * The lock of whoever reloads all hosts of the namespace, with its fencing token.
 *
 * @internal
 */
export class RolloutLock {
  #held: Held | undefined;
  /** The last `acquire()`, unless `release()` was called since. */
  #wanted: symbol | undefined;

  constructor(private readonly state: Pick<SharedState, 'lock'>) {}

  /**
   * Takes the lock, with a new token.
   *
   * @returns the token; `null` if another host has the lock
   * @throws StateUnavailableError, AmbiguousResultError
   */
  async acquire(): Promise<number | null> {
    this.release();
    const wanted = Symbol('acquire');
    this.#wanted = wanted;
    return new Promise((resolve, reject) => {
      const task = async (lock: HeldLock): Promise<void> => {
        if (this.#wanted !== wanted) {
          // It was released before it was there.
          resolve(null);
          return;
        }
        const held = { lock, released: deferred() };
        this.#held = held;
        lock.signal.addEventListener('abort', () => held.released.resolve(), { once: true });
        resolve(lock.token);
        await held.released.promise;
      };
      this.state
        .lock(ROLLOUT_LOCK, task, { wait: WAIT, lease: ROLLOUT_LEASE })
        .catch((error: unknown) =>
          error instanceof LockTimeoutError ? resolve(null) : reject(error as Error),
        );
    });
  }

  /** Whether this process has the lock with this token now. */
  isHeld(token: number): boolean {
    return this.#held?.lock.isHeld === true && this.#held.lock.token === token;
  }

  /** Gives the lock back, also one that is still waited for. */
  release(): void {
    this.#wanted = undefined;
    this.#held?.released.resolve();
    this.#held = undefined;
  }
}
