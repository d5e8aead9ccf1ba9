import { within } from '../../system/async/within.js';
import type { RedisNode } from '../connection/redis-client.interface.js';

/** `SUBSCRIBE`, or of patterns, or of channels that belong to a slot of a cluster. @internal */
export type SubscriptionKind = 'subscribe' | 'psubscribe' | 'ssubscribe';

/** Of what was published, and where. @internal */
export type SubscriptionListener = (message: string, channel: string) => void;

/**
 * Something that is to be heard, and how far that has come:
 * `open` (to be asked for), `asked`, `made`, `refused` (for good, over this connection).
 *
 * @internal
 */
export class Subscription {
  state: 'open' | 'asked' | 'made' | 'refused' = 'open';
  /** Over which it was asked for. */
  node: RedisNode | undefined;
  /** Whether something may have gone unheard, since it was made or its maker was told that it was not. */
  isInterrupted = false;
  #times = 0;
  #settle!: (isMade: boolean) => void;
  readonly #settled = new Promise<boolean>(resolve => (this.#settle = resolve));

  constructor(
    readonly kind: SubscriptionKind,
    readonly name: string,
    readonly listener: SubscriptionListener,
  ) {}

  /** @returns whether it is still this time that is to be answered */
  ask(node: RedisNode): () => boolean {
    const time = ++this.#times;
    this.node = node;
    this.state = 'asked';
    return () => time === this.#times;
  }

  succeed(): void {
    this.state = 'made';
    this.#settle(true);
  }

  /** @param isForGood until there is another connection */
  fail(isForGood: boolean): void {
    this.state = isForGood ? 'refused' : 'open';
    this.giveUp();
  }

  /** What it was made over is lost. */
  lose(): void {
    this.isInterrupted ||= this.state === 'made';
    this.state = 'open';
    this.node = undefined;
    this.#times++;
  }

  get isMadeAgain(): boolean {
    return this.state === 'made' && this.isInterrupted;
  }

  /** Its maker does not wait for it any longer. */
  giveUp(): void {
    this.isInterrupted ||= this.state !== 'made';
    this.#settle(this.state === 'made');
  }

  /** Whether it is made: as soon as that is clear, but after so many milliseconds anyway. */
  settled(milliseconds: number): Promise<boolean> {
    return within(milliseconds, this.#settled, () => {
      this.giveUp();
      return this.#settled;
    });
  }
}
