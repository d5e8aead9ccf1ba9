import { LockTimeoutError } from '../../model/errors/lock-timeout.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { ownerOf } from '../client/lock-owner.js';
import { partitionOf } from '../partition.js';
import { stateMessages } from '../state.messages.js';
import type { StateClient } from '../client/state-client.js';
import { Hold } from './hold.js';
import { perform } from './perform.js';
import { Waiter } from './waiter.js';

const A_LOCK = 'a lock';

/** Milliseconds that one who waits is taken for alive without a sign of life. */
const PRESENCE = 10_000;

/** Milliseconds between attempts at a backend that is away, for those who wait for ever. */
const RETRY = 250;

/** What a lock is asked for with. @internal */
export interface LockRequest {
  readonly key: string;
  readonly name: string;
  readonly wait: number;
  readonly lease: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** Tells the host that a client may hold a lock, so that it can be buried. @internal */
export type Announce = (client: string, key: string) => Promise<unknown>;

/**
 * The locks of one client: those it holds, and those it waits for.
 *
 * Whoever waits stands in a queue that the backend keeps, and hears from it when the lock is his. What
 * he hears is no more than a reason to ask: notices get lost, and come late. So he also asks when the
 * backend is back, when the holder's lease would end, and now and then to show that he is alive.
 *
 * @internal
 */
export class Locks {
  readonly #waiting = new Map<string, Waiter>();
  readonly #held = new Set<Hold>();
  readonly #announced = new Map<number, Promise<unknown>>();
  readonly #stopObserving: () => void;
  #owners = 0;
  #listens = false;
  #isClosed = false;

  constructor(
    private readonly client: StateClient,
    private readonly announce: Announce,
  ) {
    this.#stopObserving = client.observe({
      onAvailable: () => this.#askAgain(),
      onGrant: ({ owner }) => this.#waiting.get(owner)?.tell(),
    });
  }

  /**
   * @throws LockTimeoutError if it is not free in time
   * @throws StateUnavailableError, AmbiguousResultError if the backend does not tell in time
   * @throws the reason of the signal
   */
  async acquire(request: LockRequest): Promise<Hold> {
    const { key, name, wait, lease, signal } = request;
    const owner = ownerOf(this.client.id, ++this.#owners);
    const until = monotonicNow() + wait;
    await this.#prepare(key, wait);
    const waiter = new Waiter();
    this.#waiting.set(owner, waiter);
    let isHeld = false;
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (this.#isClosed) {
          throw new StateUnavailableError('lock', name, stateMessages.closed());
        }
        // A grant may come before the answer to what has made this one wait.
        waiter.forget();
        const askedAt = monotonicNow();
        const left = until - askedAt;
        const answer = await this.#ask({ key, owner, lease, left });
        if (typeof answer === 'number') {
          if (until - monotonicNow() <= 0) {
            throw new LockTimeoutError(name, wait);
          }
          await waiter.listen(Math.min(answer, PRESENCE / 3, until - monotonicNow()), signal);
        } else if (monotonicNow() - askedAt < lease) {
          isHeld = true;
          return this.#hold({ key, name, owner, lease, token: answer.token }, askedAt);
        }
        // An answer that took longer than the lease is one of the past.
        if (left <= 0) {
          throw new LockTimeoutError(name, wait);
        }
      }
    } finally {
      this.#waiting.delete(owner);
      if (!isHeld) {
        // Also after an error: the answer may have been lost, and the lock be ours.
        void perform(this.client, A_LOCK, { name: 'lockRelease', key, owner }).catch(() => {});
      }
    }
  }

  /** Gives up what is held. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopObserving();
    this.#askAgain();
    await Promise.all([...this.#held].map(hold => hold.giveUp('the application has closed')));
  }

  /** The token; else the milliseconds after which it is worth to ask again. */
  async #ask({
    key,
    owner,
    lease,
    left,
  }: {
    readonly key: string;
    readonly owner: string;
    readonly lease: number;
    readonly left: number;
  }): Promise<{ readonly token: number } | number> {
    const wait = Math.max(0, Math.floor(Math.min(left, PRESENCE)));
    try {
      const request = { name: 'lockAcquire', key, owner, lease, wait } as const;
      const answer = await perform(this.client, A_LOCK, request);
      return 'token' in answer ? answer : answer.heldFor + 1;
    } catch (error) {
      if (left === Infinity) {
        return RETRY;
      }
      throw error;
    }
  }

  #hold(claim: Hold['claim'], askedAt: number): Hold {
    const hold = new Hold(this.client, claim, askedAt, () => this.#held.delete(hold));
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
