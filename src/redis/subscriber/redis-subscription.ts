import { within } from '../../system/async/within.js';
import type { RedisNode } from '../connection/redis-client.interface.js';
import { mayBecome, type SubscriptionState } from './subscription-states.js';

/** `SUBSCRIBE`, or of patterns, or of channels that belong to a slot of a cluster. @internal */
export type SubscriptionKind = 'subscribe' | 'psubscribe' | 'ssubscribe';

/** Of what was published, and where. @internal */
export type SubscriptionListener = (message: string, channel: string) => void;

/**
 * Something that is to be heard, and how far that has come.
 *
 * @internal
 */
export class Subscription {
  #state: SubscriptionState = 'open';
  /** Over which it was asked for. */
  node: RedisNode | undefined;
  #times = 0;
  #settle!: (isMade: boolean) => void;
  readonly #settled = new Promise<boolean>(resolve => (this.#settle = resolve));

  constructor(
    readonly kind: SubscriptionKind,
    readonly name: string,
    readonly listener: SubscriptionListener,
  ) {}

  /** Whether it is to be asked for. */
  get isOpen(): boolean {
    return this.#state === 'open' || this.#state === 'lost';
  }

  /** Whether it is not allowed over this connection. */
  get isRefused(): boolean {
    return this.#state === 'refused';
  }

  get #isMade(): boolean {
    return this.#state === 'made' || this.#state === 'restored';
  }

  /** @returns whether it is still this time that is to be answered */
  ask(node: RedisNode): () => boolean {
    const time = ++this.#times;
    this.node = node;
    this.#become(this.#state === 'open' ? 'asked' : 'askedAgain');
    return () => time === this.#times;
  }

  succeed(): void {
    this.#become(this.#state === 'asked' ? 'made' : 'restored');
    this.#settle(true);
  }

  /**
   * Its maker is told that it is made again.
   *
   * @returns whether there was that to tell
   */
  tellRestored(): boolean {
    return this.#state === 'restored' && this.#become('made');
  }

  /** @param isForGood until there is another connection */
  fail(isForGood: boolean): void {
    this.#become(isForGood ? 'refused' : 'lost');
    this.#settle(false);
  }

  /** What it was made over is lost. */
  lose(): void {
    if (this.#state !== 'open') {
      this.#become(this.#state === 'asked' ? 'open' : 'lost');
    }
    this.node = undefined;
    this.#times++;
  }

  /** Its maker does not wait for it any longer. */
  giveUp(): void {
    if (this.#state === 'open') {
      this.#become('lost');
    } else if (this.#state === 'asked') {
      this.#become('askedAgain');
    }
    this.#settle(this.#isMade);
  }

  /** @returns whether it has changed to this state */
  #become(state: SubscriptionState): boolean {
    const may = mayBecome(this.#state, state);
    if (may) {
      this.#state = state;
    }
    return may;
  }

  /** Whether it is made: as soon as that is clear, but after so many milliseconds anyway. */
  settled(milliseconds: number): Promise<boolean> {
    return within(milliseconds, this.#settled, () => {
      this.giveUp();
      return this.#settled;
    });
  }
}
