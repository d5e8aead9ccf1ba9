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
  /** Called when the connection is lost, with all its subscriptions. */
  onLost(node: RedisNode): void;
  /** Called when slots have moved to another node, so that their subscriptions are lost. */
  onMoved(node: RedisNode): void;
  /** Called when replies may have been taken for those to other subscriptions. */
  onConfused(node: RedisNode): void;
}

/**
 * How ioredis begins its report of a reply that nothing asked for. Before ioredis 6, the news that a slot has left the
 * node (`sunsubscribe`) is such a reply, unless a subscription is pending, which then gets it as its own.
 */
const UNASKED_REPLY = 'Command queue state error';

/**
 * Observes a connection with subscriptions.
 *
 * @internal
 */
export class ObservedNode {
  /** Whether an answer to the last ping is pending. */
  isAsked = false;
  #moves = 0;
  #isConfused = false;

  constructor(
    private readonly node: RedisNode,
    private readonly listener: NodeListener,
  ) {
    node.on('message', this.#onMessage);
    node.on('smessage', this.#onShardMessage);
    node.on('pmessage', this.#onPatternMessage);
    node.on('close', this.#onClose);
    node.on('moved', this.#onMoved);
    node.on('error', this.#onError);
  }

  /** Ignores one "moved" event: ioredis also emits it for a refused request, which is handled already. */
  knowsOfMove(): void {
    this.#moves = Math.max(0, this.#moves - 1);
  }

  close(): void {
    this.node.off('message', this.#onMessage);
    this.node.off('smessage', this.#onShardMessage);
    this.node.off('pmessage', this.#onPatternMessage);
    this.node.off('close', this.#onClose);
    this.node.off('moved', this.#onMoved);
    this.node.off('error', this.#onError);
    this.#moves = 0;
    this.#isConfused = false;
  }

  readonly #onMessage = (channel: string, message: string): void =>
    this.listener.onMessage(this.node, 'subscribe', channel, message, channel);

  readonly #onShardMessage = (channel: string, message: string): void =>
    this.listener.onMessage(this.node, 'ssubscribe', channel, message, channel);

  readonly #onPatternMessage = (pattern: string, channel: string, message: string): void =>
    this.listener.onMessage(this.node, 'psubscribe', pattern, message, channel);

  readonly #onClose = (): void => this.listener.onLost(this.node);

  /** Waits for the end of the turn, by which `knowsOfMove()` has been called for refused requests. */
  readonly #onMoved = (): void => {
    this.#moves++;
    setImmediate(() => {
      if (this.#moves > 0) {
        this.#moves = 0;
        this.isAsked = false;
        this.listener.onMoved(this.node);
      }
    });
  };

  /** Once for all that has arrived together. */
  readonly #onError = ({ message }: Error): void => {
    if (this.#isConfused || !message.startsWith(UNASKED_REPLY)) {
      return;
    }
    this.#isConfused = true;
    setImmediate(() => {
      if (this.#isConfused) {
        this.#isConfused = false;
        this.isAsked = false;
        this.listener.onConfused(this.node);
      }
    });
  };
}
