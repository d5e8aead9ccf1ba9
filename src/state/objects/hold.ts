import { LockLostError } from '../../model/errors/lock-lost.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { StateClient } from '../client/state-client.js';
import { perform } from './perform.js';

const A_LOCK = 'a lock';

/** A lease is renewed when so much of it is over. */
const RENEW_AFTER = 1 / 3;

/**
 * Milliseconds after which it is renewed however long it is: a backend forgets after an hour who holds what, and
 * could not free the locks of a worker that is gone.
 */
const RENEW_AT_LEAST_EVERY = 20 * 60_000;

/** Who holds which lock, and on what terms. @internal */
export interface Claim {
  readonly key: string;
  /** What the user calls it. */
  readonly name: string;
  readonly owner: string;
  readonly token: number;
  readonly lease: number;
}

/**
 * A lock that is held: renewed again and again, until it is released, or lost.
 *
 * Whether it is still held is decided by the clock here, from the moment when the last renewal was asked
 * for: the backend's lease ends later than that at the earliest.
 *
 * @internal
 */
export class Hold {
  readonly #lost = new AbortController();
  #validUntil: number;
  #timer: NodeJS.Timeout;
  #released: Promise<void> | undefined;

  constructor(
    private readonly client: StateClient,
    readonly claim: Claim,
    askedAt: number,
    /** Called once, when it is released or lost. */
    private readonly onEnd: () => void,
  ) {
    this.#validUntil = askedAt + claim.lease;
    this.#timer = this.#renewLater();
  }

  /** Aborts when the lock is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  get isHeld(): boolean {
    return !this.signal.aborted && !this.#released && monotonicNow() < this.#validUntil;
  }

  /** Gives it to whoever waits. Does not reject: what cannot be released is free when its lease ends. */
  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  /** Releases it while somebody still relies on it: the signal aborts. */
  giveUp(why: string): Promise<void> {
    if (!this.#released) {
      this.#lost.abort(new LockLostError(this.claim.name, why));
    }
    return this.release();
  }

  async #release(): Promise<void> {
    const { key, owner } = this.claim;
    clearTimeout(this.#timer);
    this.onEnd();
    await perform(this.client, A_LOCK, { name: 'lockRelease', key, owner }).catch(() => {});
  }

  /** Renewals have until the lease ends; then there is nothing left to renew. */
  #renewLater(): NodeJS.Timeout {
    const left = Math.max(0, this.#validUntil - monotonicNow());
    const delay = Math.min(left, this.claim.lease * RENEW_AFTER, RENEW_AT_LEAST_EVERY);
    return setTimeout(() => void this.#renew(), delay);
  }

  async #renew(): Promise<void> {
    const { key, owner, lease } = this.claim;
    const askedAt = monotonicNow();
    const left = Math.floor(this.#validUntil - askedAt);
    if (left <= 0) {
      this.#lose('its lease ran out before it could be renewed');
      return;
    }
    try {
      // No longer than any call: whoever waited for ever would not notice that nobody is there.
      const timeout = Math.min(left, this.client.timeout);
      const renewal = { name: 'lockRenew', key, owner, lease } as const;
      const isRenewed = await perform(this.client, A_LOCK, renewal, { timeout });
      if (this.#released) {
        return;
      }
      if (!isRenewed) {
        this.#lose('its lease ran out');
        return;
      }
      this.#validUntil = askedAt + lease;
    } catch {
      // As long as the lease lasts, there is another attempt.
    }
    if (!this.#released) {
      this.#timer = this.#renewLater();
    }
  }

  #lose(why: string): void {
    this.#lost.abort(new LockLostError(this.claim.name, why));
    this.onEnd();
  }
}
