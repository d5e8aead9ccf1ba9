import type { RedisNode } from '../connection/redis-client.interface.js';
import type { Subscription, SubscriptionKind } from './redis-subscription.js';

/**
 * What is wanted, by name.
 *
 * @internal
 */
export class WantedSubscriptions {
  readonly #byName = new Map<string, Subscription>();

  /** @throws Error if there is one of this name */
  add(subscription: Subscription): void {
    const { name } = subscription;
    if (this.#byName.has(name)) {
      throw new Error(`${name} has a listener already.`);
    }
    this.#byName.set(name, subscription);
  }

  get(name: string): Subscription | undefined {
    return this.#byName.get(name);
  }

  has(subscription: Subscription): boolean {
    return this.#byName.get(subscription.name) === subscription;
  }

  take(name: string): Subscription | undefined {
    const subscription = this.#byName.get(name);
    this.#byName.delete(name);
    return subscription;
  }

  clear(): void {
    this.giveUp();
    this.#byName.clear();
  }

  /** Nobody is to be kept waiting. */
  giveUp(): void {
    this.#byName.forEach(subscription => subscription.giveUp());
  }

  get open(): Subscription[] {
    return [...this.#byName.values()].filter(({ isOpen }) => isOpen);
  }

  /** Those that a connection has, or is asked for. */
  over(node: RedisNode): Subscription[] {
    return [...this.#byName.values()].filter(each => each.node === node);
  }

  /**
   * Whether one that was taken is to stay with its connection, unheard. When the last sharded channel of a
   * connection is unsubscribed from, ioredis 6.0 takes it for one that has no others either, and drops their
   * messages; and the other way round.
   */
  wouldDeafen(node: RedisNode, kind: SubscriptionKind): boolean {
    const isSharded = kind === 'ssubscribe';
    const others = this.over(node).map(other => (other.kind === 'ssubscribe') === isSharded);
    return others.includes(false) && !others.includes(true);
  }
}
