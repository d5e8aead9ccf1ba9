import { within } from '../../system/async/within.js';
import type { RedisNode } from '../connection/redis-client.interface.js';
import { mayBecome, type SubscriptionState } from './subscription-states.js';

/** The command of a subscription: to a channel, to a pattern, or to a sharded channel of a cluster. @internal */
export type SubscriptionKind = 'subscribe' | 'psubscribe' | 'ssubscribe';

/** Called for each message, with its channel. @internal */
export type SubscriptionListener = (message: string, channel: string) => void;

/** One request for a subscription. Once it is abandoned, its answer is ignored. @internal */
export class Attempt {
  #isAbandoned = false;
  #abandon!: () => void;
  readonly abandoned = new Promise<void>(resolve => (this.#abandon = resolve));

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#abandon();
  }
}

/**
 * One subscription, and its state.
 *
 * @internal
 */
export class Subscription {
  #state: SubscriptionState = 'open';
  /** The connection over which it was requested. */
  node: RedisNode | undefined;
  #attempt: Attempt | undefined;
  #settle!: (isMade: boolean) => void;
  readonly #settled = new Promise<boolean>(resolve => (this.#settle = resolve));

  constructor(
    readonly kind: SubscriptionKind,
    readonly name: string,
    readonly listener: SubscriptionListener,
  ) {}

  /** Whether it has to be requested as soon as possible. */
  get isOpen(): boolean {
    return this.#state === 'open' || this.#state === 'lost';
  }

  /** Whether the server has refused it. It is requested again from time to time. */
  get isRefused(): boolean {
    return this.#state === 'refused';
  }

  /** Whether the server has confirmed it. */
  get isMade(): boolean {
    return this.#state === 'made' || this.#state === 'restored';
  }

  /** Whether the server has yet to answer. */
  get isAsked(): boolean {
    return this.#state === 'asked' || this.#state === 'askedAgain';
  }

  /** Records a request. */
  ask(node: RedisNode): Attempt {
    this.#attempt?.abandon();
    this.#attempt = new Attempt();
    this.node = node;
    this.#become(this.#state === 'open' ? 'asked' : 'askedAgain');
    return this.#attempt;
  }

  succeed(): void {
    this.#become(this.#state === 'asked' ? 'made' : 'restored');
    this.#settle(true);
  }

  /**
   * Called when the subscriber is about to be notified that the subscription is restored.
   *
   * @returns whether it was restored since the last notification
   */
  tellRestored(): boolean {
    return this.#state === 'restored' && this.#become('made');
  }

  /** Records a failed request. @param isRefused whether the server does not allow it */
  fail(isRefused: boolean): void {
    this.#attempt?.abandon();
    this.#become(isRefused ? 'refused' : 'lost');
    this.#settle(false);
  }

  /** Called when its connection is lost. */
  lose(): void {
    if (this.#state !== 'open') {
      this.#become(this.#state === 'asked' ? 'open' : 'lost');
    }
    this.node = undefined;
    this.#attempt?.abandon();
  }

  /** Called when its subscriber stops waiting. */
  giveUp(): void {
    if (this.#state === 'open') {
      this.#become('lost');
    } else if (this.#state === 'asked') {
      this.#become('askedAgain');
    }
    this.#settle(this.isMade);
  }

  /** Called when it is removed, or when its subscriber is closed. */
  close(): void {
    this.#become('closed');
    this.#settle(false);
  }

  /** Changes the state if the transition is allowed. @returns whether it is */
  #become(state: SubscriptionState): boolean {
    const may = mayBecome(this.#state, state);
    if (may) {
      this.#state = state;
    }
    return may;
  }

  /** Resolves with whether the server has confirmed it, after at most `milliseconds`. */
  settled(milliseconds: number): Promise<boolean> {
    return within(milliseconds, this.#settled, () => {
      this.giveUp();
      return this.#settled;
    });
  }
}
