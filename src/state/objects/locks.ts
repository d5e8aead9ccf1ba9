import { AmbiguousResultError } from '../../model/errors/ambiguous-result.error.js';
import { LockTimeoutError } from '../../model/errors/lock-timeout.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { CLAIM_MILLISECONDS, ownerOf } from '../client/lock-owner.js';
import { partitionOf } from '../partition.js';
import { stateMessages } from '../state.messages.js';
import type { StateClient } from '../client/state-client.js';
import { Hold } from './hold.js';
import { acquire, release } from './lock-operations.js';
import { UnansweredCalls } from './unanswered-calls.js';
import { Waiter } from './waiter.js';

/** The default lease of locks, semaphores and leaders in milliseconds. @internal */
export const DEFAULT_LEASE = 10_000;

/** Milliseconds after which an owner that waits and does not ask again is removed from the queue. */
const WAIT_LEASE = 10_000;

/** Milliseconds between attempts while the backend is unavailable, for requests without a time limit. */
const RETRY = 250;

/** The parameters of a lock request. @internal */
export interface LockRequest {
  readonly key: string;
  readonly name: string;
  readonly wait: number;
  readonly lease: number;
  /** The number of permits, if it is a semaphore. */
  readonly permits?: number;
  /** Whether the wait does not keep the process alive: no code of the user waits. */
  readonly inBackground?: boolean;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Announces to the primary that a client may hold a lock, so that the lock is released when the client dies.
 *
 * @internal
 */
export type Announce = (client: string, key: string) => Promise<unknown>;

/**
 * The locks that one client holds or waits for.
 *
 * The backend has a queue for each lock, and notifies the owner that gets the lock. A notification only triggers a
 * request, because notifications may be late or lost. Waiting owners also ask when the backend is available again,
 * when the holder's lease would end, and regularly to show that they are alive.
 *
 * @internal
 */
export class Locks {
  readonly #waiting = new Map<string, Waiter>();
  readonly #held = new Set<Hold>();
  readonly #announced = new Map<number, Promise<unknown>>();
  /** The releases that the backend has not answered, by the key of the lock. */
  readonly #unanswered: UnansweredCalls;
  readonly #stopObserving: () => void;
  #owners = 0;
  #listens = false;
  /** Why nothing is acquired any more. */
  #refusal: string | undefined;

  constructor(
    private readonly client: StateClient,
    private readonly announce: Announce,
    private readonly onLost: (name: string, why: string) => void = () => {},
  ) {
    this.#unanswered = new UnansweredCalls(client);
    this.#stopObserving = client.observe({
      onAvailable: () => this.#askAgain(),
      onGrant: ({ owner }) => this.#waiting.get(owner)?.tell(),
    });
  }

  /**
   * @throws LockTimeoutError if the lock is not free in time
   * @throws StateUnavailableError, AmbiguousResultError if the backend does not answer in time
   * @throws the reason of the signal
   */
  async acquire(request: LockRequest): Promise<Hold> {
    const { key, name, wait, lease, permits, signal, inBackground } = request;
    const owner = ownerOf(this.client.id, ++this.#owners);
    const until = monotonicNow() + wait;
    await this.#prepare(key, wait);
    const waiter = new Waiter();
    this.#waiting.set(owner, waiter);
    let isHeld = false;
    // Whether the owner is in the queue, or has got the lock too late.
    let isKnown = false;
    let isAnswerLost = false;
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (this.#refusal !== undefined) {
          throw new StateUnavailableError('lock', name, this.#refusal);
        }
        // A grant may come before the answer to the request that queued this owner.
        waiter.forget();
        const askedAt = monotonicNow();
        const left = until - askedAt;
        const answer = await this.#ask({ key, owner, lease, left, permits });
        isKnown ||= left > 0 || typeof answer !== 'number';
        if (typeof answer === 'number') {
          if (until - monotonicNow() <= 0) {
            // The holder may be an earlier task of this worker, which has ended.
            if (this.#unanswered.has(key)) {
              await this.#releaseOverdue(key, name);
              continue;
            }
            throw new LockTimeoutError(name, wait);
          }
          await waiter.listen(
            Math.min(answer, WAIT_LEASE / 3, until - monotonicNow()),
            signal,
            inBackground,
          );
        } else if (monotonicNow() - askedAt < lease) {
          isHeld = true;
          return this.#hold({ key, name, owner, permits, lease, token: answer.token }, askedAt);
        }
        // An answer that took longer than the lease is out of date.
        if (left <= 0) {
          throw new LockTimeoutError(name, wait);
        }
      }
    } catch (error) {
      // The lock may have been acquired.
      isAnswerLost = error instanceof AmbiguousResultError;
      throw error;
    } finally {
      this.#waiting.delete(owner);
      if (!isHeld) {
        const longest = this.client.timeout + Math.max(lease, WAIT_LEASE + CLAIM_MILLISECONDS);
        void this.#unanswered.run({
          group: key,
          call: () => release(this.client, { key, owner, permits }),
          duration: isKnown || isAnswerLost ? longest : 0,
          isOverdue: isAnswerLost,
        });
      }
    }
  }

  /** Acquires nothing any more. Calls that wait are rejected. */
  refuse(why: string): void {
    this.#refusal ??= why;
    this.#askAgain();
  }

  /** Releases all locks that are held. */
  async close(): Promise<void> {
    this.#stopObserving();
    this.#unanswered.close();
    this.refuse(stateMessages.closed());
    await Promise.all([...this.#held].map(hold => hold.giveUp(stateMessages.closed())));
  }

  /** @throws StateUnavailableError if the backend still does not answer the releases of a lock */
  async #releaseOverdue(key: string, name: string): Promise<void> {
    if (!(await this.#unanswered.repeat(key))) {
      throw new StateUnavailableError('lock', name, stateMessages.unanswered());
    }
  }

  /** Returns the token, or the milliseconds after which to ask again. */
  async #ask({
    key,
    owner,
    lease,
    left,
    permits,
  }: {
    readonly key: string;
    readonly owner: string;
    readonly lease: number;
    readonly left: number;
    readonly permits: number | undefined;
  }): Promise<{ readonly token: number } | number> {
    const wait = Math.max(0, Math.floor(Math.min(left, WAIT_LEASE)));
    try {
      const answer = await acquire(this.client, { key, owner }, { lease, wait, permits });
      return 'token' in answer ? answer : answer.heldFor + 1;
    } catch (error) {
      if (left === Infinity) {
        return RETRY;
      }
      throw error;
    }
  }

  #hold(claim: Hold['claim'], askedAt: number): Hold {
    const onEnd = (): unknown => this.#held.delete(hold);
    const hold = new Hold(this.client, claim, askedAt, onEnd, this.onLost, this.#unanswered);
    this.#held.add(hold);
    return hold;
  }

  #askAgain(): void {
    this.#waiting.forEach(waiter => waiter.tell());
  }

  async #prepare(key: string, wait: number): Promise<void> {
    if (wait > 0 && !this.#listens) {
      this.#listens = true;
      void this.client.executor.listen().then(() => this.#askAgain());
    }
    const partition = partitionOf(key);
    let announced = this.#announced.get(partition);
    if (!announced) {
      announced = this.announce(this.client.id, key);
      this.#announced.set(partition, announced);
    }
    await announced;
  }
}
