import { isCluster } from '../connection/redis-client.interface.js';
import {
  Subscription,
  type SubscriptionKind,
  type SubscriptionListener,
} from './redis-subscription.js';
import type { SubscriberTerms } from './subscriber-terms.interface.js';
import { SubscriptionKeeper } from './subscription-keeper.js';

/** The maximum milliseconds that a subscriber waits. */
const PATIENCE = 2_000;

/**
 * The Redis subscriptions of one application.
 *
 * A subscription lasts until `unsubscribe()`, also across lost connections. The `subscribe` methods resolve with
 * whether the server has confirmed the subscription: with `false` at once if Redis is unavailable or refuses it, and
 * after at most two seconds. Observers are notified when such a subscription is made later, and when a lost one is
 * restored. A refused subscription is requested again from time to time; when it is made, observers are notified twice.
 * Observers and listeners must not throw.
 *
 * @internal
 */
export class RedisSubscriber {
  readonly #observers = new Set<(names: readonly string[]) => void>();
  readonly #keeper: SubscriptionKeeper;
  readonly #isCluster: boolean;
  readonly #unobserve: () => void;
  #closed: Promise<void> | undefined;

  constructor(private readonly terms: SubscriberTerms) {
    this.#isCluster = isCluster(terms.connection.client);
    this.#keeper = new SubscriptionKeeper(terms, names =>
      this.#observers.forEach(observer => observer(names)),
    );
    this.#unobserve = terms.availability.observe({ onUnavailable: () => this.#keeper.giveUp() });
  }

  /**
   * Subscribes to messages that are published with `PUBLISH`; on a Redis Cluster, with `SPUBLISH`.
   *
   * @throws Error if the name has a listener
   */
  subscribe(channel: string, listener: SubscriptionListener): Promise<boolean> {
    return this.#add(this.#isCluster ? 'ssubscribe' : 'subscribe', channel, listener);
  }

  /**
   * Subscribes to messages that are published with `PUBLISH`, also on a Redis Cluster, which broadcasts them to all
   * nodes.
   */
  subscribeBroadcast(channel: string, listener: SubscriptionListener): Promise<boolean> {
    return this.#add('subscribe', channel, listener);
  }

  /**
   * Subscribes to all channels that a glob matches.
   *
   * @throws Error on a Redis Cluster, which has no patterns for sharded channels
   */
  subscribePattern(pattern: string, listener: SubscriptionListener): Promise<boolean> {
    if (this.#isCluster) {
      throw new Error(
        `A Redis Cluster does not support patterns such as ${pattern} for sharded channels.`,
      );
    }
    return this.#add('psubscribe', pattern, listener);
  }

  /** Unsubscribes from a channel or a pattern. Its listener is not called any more. */
  async unsubscribe(name: string): Promise<void> {
    await this.#keeper.remove(name);
  }

  /**
   * Adds an observer of restored subscriptions, whose messages in the meantime are lost.
   *
   * @returns a function that removes it
   */
  onResumed(observer: (names: readonly string[]) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Ends all subscriptions and the additional connections. Call it before the connection for commands is ended. */
  close(): Promise<void> {
    this.#unobserve();
    this.#observers.clear();
    this.#closed ??= this.#keeper.close();
    return this.#closed;
  }

  #add(kind: SubscriptionKind, name: string, listener: SubscriptionListener): Promise<boolean> {
    const subscription = new Subscription(kind, name, listener);
    if (this.#closed) {
      subscription.close();
    } else {
      this.#keeper.add(subscription);
    }
    if (this.terms.availability.isLost) {
      subscription.giveUp();
    }
    return subscription.settled(PATIENCE);
  }
}
