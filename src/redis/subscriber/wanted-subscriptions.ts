import type { RedisNode } from '../connection/redis-client.interface.js';
import type { Subscription, SubscriptionKind } from './redis-subscription.js';

/**
 * The wanted subscriptions, by name.
 *
 * @internal
 */
export class WantedSubscriptions {
  readonly #byName = new Map<string, Subscription>();

  /** @throws Error if a subscription has this name already */
  add(subscription: Subscription): void {
    const { name } = subscription;
    if (this.#byName.has(name)) {
      throw new Error(`Channel or pattern "${name}" already has a listener; unsubscribe it first.`);
    }
    this.#byName.set(name, subscription);
  }

  get(name: string): Subscription | undefined {
    return this.#byName.get(name);
  }

  /** Removes and closes a subscription, and returns it. */
  remove(name: string): Subscription | undefined {
    const subscription = this.#byName.get(name);
    this.#byName.delete(name);
    subscription?.close();
    return subscription;
  }

  close(): void {
    this.#byName.forEach(subscription => subscription.close());
    this.#byName.clear();
  }

  /** Makes all subscribers stop waiting. */
  giveUp(): void {
    this.#byName.forEach(subscription => subscription.giveUp());
  }

  get open(): Subscription[] {
    return [...this.#byName.values()].filter(({ isOpen }) => isOpen);
  }

  /** Returns the subscriptions that were requested over a connection. */
  over(node: RedisNode): Subscription[] {
    return [...this.#byName.values()].filter(each => each.node === node);
  }

  /**
   * Returns whether unsubscribing would make ioredis drop messages of other subscriptions, so that a removed
   * subscription must stay on its connection. When the last sharded channel of a connection is unsubscribed, ioredis
   * 6.0 considers it to have no other subscriptions either, and vice versa.
   */
  wouldDropMessages(node: RedisNode, kind: SubscriptionKind): boolean {
    const isSharded = kind === 'ssubscribe';
    const others = this.over(node).map(other => (other.kind === 'ssubscribe') === isSharded);
    return others.includes(false) && !others.includes(true);
  }
}
