import { isCluster } from '../connection/redis-client.interface.js';
import {
  Subscription,
  type SubscriptionKind,
  type SubscriptionListener,
} from './redis-subscription.js';
import type { SubscriberTerms } from './subscriber-terms.interface.js';
import { SubscriptionKeeper } from './subscription-keeper.js';

/** Milliseconds that a subscriber waits at most. */
const PATIENCE = 2_000;

/**
 * All that one application hears of what is published in Redis.
 *
 * A subscription is kept for as long as it is wanted, whatever becomes of connections. What `subscribe()` and
 * its like resolve with says whether the server has confirmed it by now: `false` at once where Redis is away
 * or refuses, and after two seconds at the latest. Observers hear when it is made after all, as they
 * do when one that was lost is back. Neither observers nor listeners may throw.
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
   * To what is published with `PUBLISH`; on a Cluster, with `SPUBLISH`.
   *
   * @throws Error if the name has a listener
   */
  subscribe(channel: string, listener: SubscriptionListener): Promise<boolean> {
    return this.#add(this.#isCluster ? 'ssubscribe' : 'subscribe', channel, listener);
  }

  /** To what is published with `PUBLISH`, on a Cluster, too, all of whose nodes are told of it. */
  subscribeBroadcast(channel: string, listener: SubscriptionListener): Promise<boolean> {
    return this.#add('subscribe', channel, listener);
  }

  /**
   * To all channels that a glob matches.
   *
   * @throws Error on a Cluster: it has no patterns for what is published with `SPUBLISH`
   */
  subscribePattern(pattern: string, listener: SubscriptionListener): Promise<boolean> {
    if (this.#isCluster) {
      throw new Error(`A Redis Cluster has no patterns for sharded channels, such as ${pattern}.`);
    }
    return this.#add('psubscribe', pattern, listener);
  }

  /** From a channel, or a pattern: what comes from now on is not heard. */
  async unsubscribe(name: string): Promise<void> {
    await this.#keeper.remove(name);
  }

  /** Hears of subscriptions that are back: what was published meanwhile is gone. Until the answer is called. */
  onResumed(observer: (names: readonly string[]) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Ends the connection, if it is an extra one. The one for commands is to be ended after this. */
  close(): Promise<void> {
    this.#unobserve();
    this.#observers.clear();
    this.#closed ??= this.#keeper.close();
    return this.#closed;
  }

  #add(kind: SubscriptionKind, name: string, listener: SubscriptionListener): Promise<boolean> {
    const subscription = new Subscription(kind, name, listener);
    this.#keeper.add(subscription);
    if (this.#closed || this.terms.availability.isLost) {
      subscription.giveUp();
    }
    return subscription.settled(PATIENCE);
  }
}
