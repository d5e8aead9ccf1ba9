import type { RedisNode } from './redis-client.interface.js';
import type { SubscriptionKind } from '../subscriber/redis-subscription.js';

/** @internal */
export interface NodeListener {
  onMessage(
    node: RedisNode,
    kind: SubscriptionKind,
    name: string,
    message: string,
    channel: string,
  ): void;
  /** With all that was subscribed over it. */
  onLost(node: RedisNode): void;
  /** Slots have left it, and with them whatever was subscribed of these. */
  onMoved(node: RedisNode): void;
}

/**
 * A connection that something was subscribed over.
 *
 * @internal
 */
export class ObservedNode {
  /** Whether it owes an answer to show that it lives. */
  isAsked = false;
  #moves = 0;

  constructor(
    private readonly node: RedisNode,
    private readonly listener: NodeListener,
  ) {
    node.on('message', this.#onMessage);
    node.on('smessage', this.#onShardMessage);
    node.on('pmessage', this.#onPatternMessage);
    node.on('close', this.#onClose);
    node.on('moved', this.#onMoved);
  }

  /** ioredis says "moved" of refusals, too: this one is known of. */
  knowsOfMove(): void {
    this.#moves = Math.max(0, this.#moves - 1);
  }

  close(): void {
    this.node.off('message', this.#onMessage);
    this.node.off('smessage', this.#onShardMessage);
    this.node.off('pmessage', this.#onPatternMessage);
    this.node.off('close', this.#onClose);
    this.node.off('moved', this.#onMoved);
    this.#moves = 0;
  }

  readonly #onMessage = (channel: string, message: string): void =>
    this.listener.onMessage(this.node, 'subscribe', channel, message, channel);

  readonly #onShardMessage = (channel: string, message: string): void =>
    this.listener.onMessage(this.node, 'ssubscribe', channel, message, channel);

  readonly #onPatternMessage = (pattern: string, channel: string, message: string): void =>
    this.listener.onMessage(this.node, 'psubscribe', pattern, message, channel);

  readonly #onClose = (): void => this.listener.onLost(this.node);

  /** Once those who were refused have said so, which they do before this turn is over. */
  readonly #onMoved = (): void => {
    this.#moves++;
    setImmediate(() => {
      if (this.#moves > 0) {
        this.#moves = 0;
        this.listener.onMoved(this.node);
      }
    });
  };
}
