import { LockLostError } from '../../model/errors/lock-lost.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { StateClient } from '../client/state-client.js';
import type { Owner } from '../client/lock-release.js';
import { release, renew } from './lock-operations.js';
import { UnansweredCalls } from './unanswered-calls.js';

/** A lease is renewed after this share of its duration. */
const RENEW_AFTER = 1 / 3;

/**
 * The maximum milliseconds between renewals, even of longer leases. The backend forgets the locks of a client after
 * an hour, and then could not release them when their worker dies.
 */
const RENEW_AT_LEAST_EVERY = 20 * 60_000;

/** A lock and its owner, with token and lease. @internal */
export interface Claim extends Owner {
  /** The name that the user gave the lock. */
  readonly name: string;
  readonly token: number;
  readonly lease: number;
}

/**
 * A lock that is held. Its lease is renewed until the lock is released or lost.
 *
 * The local clock decides whether the lock is still held, counted from the time when the last renewal was sent. The
 * lease in the backend starts later, so it never ends before that.
 *
 * @internal
 */
export class Hold {
  /** Created when it is needed: most tasks do not use its signal. */
  #lost: AbortController | undefined;
  #validUntil: number;
  #timer: NodeJS.Timeout;
  #released: Promise<void> | undefined;

  constructor(
    private readonly client: StateClient,
    readonly claim: Claim,
    askedAt: number,
    /** Called once, when the lock is released or lost. */
    private readonly onEnd: () => void,
    /** Called when the lock is lost. */
    private readonly onLost: (name: string, why: string) => void = () => {},
    /** Repeats the release. */
    private readonly unanswered = new UnansweredCalls(client),
  ) {
    this.#validUntil = askedAt + claim.lease;
    this.#timer = this.#renewLater();
  }

  /** Aborts when the lock is lost. */
  get signal(): AbortSignal {
    return this.#loss.signal;
  }

  get isHeld(): boolean {
    return !this.#isLost && !this.#released && monotonicNow() < this.#validUntil;
  }

  /**
   * Releases the lock. Does not reject: if the backend does not answer in time, this resolves, and the release is repeated
   * until the lease has ended.
   */
  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  /** Aborts the signal, so that the task ends. The lease is renewed until the lock is released. */
  abort(why: string): void {
    if (!this.#released) {
      this.#loss.abort(new LockLostError(this.claim.name, why));
    }
  }

  /** Releases the lock while its task still runs, and aborts the signal. */
  giveUp(why: string): Promise<void> {
    this.abort(why);
    return this.release();
  }

  async #release(): Promise<void> {
    clearTimeout(this.#timer);
    this.onEnd();
    const { key, lease } = this.claim;
    await this.unanswered.run({
      group: key,
      call: () => release(this.client, this.claim),
      // A renewal may be applied until its deadline.
      duration: this.client.timeout + lease,
    });
  }

  /** Schedules the next renewal, before the lease ends. */
  #renewLater(): NodeJS.Timeout {
    const left = Math.max(0, this.#validUntil - monotonicNow());
    const delay = Math.min(left, this.claim.lease * RENEW_AFTER, RENEW_AT_LEAST_EVERY);
    // A task that runs keeps the process alive itself, if it wants to.
    return setTimeout(() => void this.#renew(), delay).unref();
  }

  async #renew(): Promise<void> {
    const { lease } = this.claim;
    const askedAt = monotonicNow();
    const left = Math.floor(this.#validUntil - askedAt);
    if (left <= 0) {
      this.#lose('its lease expired before it could be renewed');
      return;
    }
    try {
      // Not longer than other calls: a renewal that waits too long would not notice that the backend is gone.
      const timeout = Math.min(left, this.client.timeout);
      const isRenewed = await renew(this.client, this.claim, lease, timeout);
      if (this.#released) {
        return;
      }
      if (!isRenewed) {
        this.#lose('its lease expired');
        return;
      }
      this.#validUntil = askedAt + lease;
    } catch {
      // Renewed again while the lease lasts.
    }
    if (!this.#released) {
      this.#timer = this.#renewLater();
    }
  }

  #lose(why: string): void {
    if (!this.#isLost) {
      this.onLost(this.claim.name, why);
    }
    this.#loss.abort(new LockLostError(this.claim.name, why));
    this.onEnd();
  }

  get #loss(): AbortController {
    this.#lost ??= new AbortController();
    return this.#lost;
  }

  get #isLost(): boolean {
    return this.#lost?.signal.aborted === true;
  }
}
