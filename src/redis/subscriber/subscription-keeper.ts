import { within } from '../../system/async/within.js';
import { Keepalive } from '../connection/keepalive.js';
import { ObservedNode, type NodeListener } from '../connection/observed-node.js';
import { isCluster, keyPrefixOf, type RedisNode } from '../connection/redis-client.interface.js';
import { redisMessages } from '../redis.messages.js';
import { RefusedSubscriptions } from './refused-subscriptions.js';
import { RepeatedNotice } from './repeated-notice.js';
import type { SubscriberTerms } from './subscriber-terms.interface.js';
import { SubscriberConnections } from './subscriber-connections.js';
import type { Subscription, SubscriptionKind } from './redis-subscription.js';
import { WantedSubscriptions } from './wanted-subscriptions.js';

/** Milliseconds that a server has to answer. */
const PATIENCE = 2_000;

/** Milliseconds between attempts to make a subscription. */
const RETRY = 250;

const UNSUBSCRIBE_MILLISECONDS = 200;

const UNDO = {
  subscribe: 'unsubscribe',
  psubscribe: 'punsubscribe',
  ssubscribe: 'sunsubscribe',
} as const;

/**
 * Makes subscriptions, and restores them when their connection is lost. Those that the server refuses are requested
 * again with each beat of the keepalive: an operator may grant the right while the connection stays.
 *
 * On a Redis Cluster, it subscribes over the connections to the nodes instead of ioredis' `Cluster`, which does not
 * report when a subscription is lost or restored. Each subscription belongs to one connection and is lost with it. It
 * is restored on the node that then has its slot.
 *
 * @internal
 */
export class SubscriptionKeeper implements NodeListener {
  readonly #subscriptions = new WantedSubscriptions();
  readonly #nodes = new Map<RedisNode, ObservedNode>();
  readonly #refused: RefusedSubscriptions;
  readonly #regained: RepeatedNotice;
  readonly #connections: SubscriberConnections;
  readonly #keepalive: Keepalive;
  /** The prefix that ioredis adds to the names of sharded channels, and to no others. */
  readonly #prefix: string;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly terms: SubscriberTerms,
    /** Called with the names of restored subscriptions. */
    private readonly onBack: (names: readonly string[]) => void,
  ) {
    const { client } = terms.connection;
    this.#prefix = isCluster(client) ? keyPrefixOf(client) : '';
    this.#refused = new RefusedSubscriptions(terms, this.#prefix);
    this.#regained = new RepeatedNotice(onBack);
    this.#connections = new SubscriberConnections(terms.connection, () => this.#attempt());
    this.#keepalive = new Keepalive(() => this.#beat());
  }

  /** Adds a subscription. @throws Error if the name has a listener */
  add(subscription: Subscription): void {
    this.#subscriptions.add(subscription);
    this.#keepalive.start();
    this.#attempt();
  }

  /** Removes a subscription. Waits only briefly for the server, which need not confirm it. */
  async remove(name: string): Promise<void> {
    const subscription = this.#subscriptions.remove(name);
    if (!subscription) {
      return;
    }
    this.#refused.removed(subscription);
    const { node, kind } = subscription;
    if (node?.status === 'ready' && !this.#subscriptions.wouldDropMessages(node, kind)) {
      const done = node[UNDO[kind]](this.#askedName(subscription, node)).catch(() => {});
      await within(UNSUBSCRIBE_MILLISECONDS, done, () => {});
    }
  }

  /** Called when Redis is unavailable: subscribers stop waiting. */
  giveUp(): void {
    this.#subscriptions.giveUp();
  }

  /** Closes all subscriptions and the additional connections. Nothing may be added afterwards. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    this.#keepalive.stop();
    this.#regained.close();
    this.#nodes.forEach(node => node.close());
    this.#nodes.clear();
    this.#subscriptions.close();
    await this.#connections.close();
  }

  onMessage(
    node: RedisNode,
    kind: SubscriptionKind,
    wireName: string,
    message: string,
    channel: string,
  ): void {
    const name = kind === 'ssubscribe' ? wireName.slice(this.#prefix.length) : wireName;
    const subscription = this.#subscriptions.get(name);
    // A former connection may still deliver messages.
    if (subscription?.kind === kind && subscription.node === node) {
      subscription.listener(message, kind === 'psubscribe' ? channel : name);
    }
  }

  onLost(node: RedisNode): void {
    this.#nodes.get(node)?.close();
    this.#nodes.delete(node);
    const lost = this.#subscriptions.over(node);
    lost.forEach(subscription => subscription.lose());
    this.#attemptLater(lost);
  }

  onMoved(node: RedisNode): void {
    const asked = this.#subscriptions.over(node);
    // ioredis 5.8 to 5.11 reports a refused subscription like this, and in no other way.
    const refused = asked.filter(({ isAsked, kind }) => isAsked && kind === 'ssubscribe');
    refused.forEach(subscription => subscription.fail(false));
    this.#attemptLater(refused);
    this.#askAgain(
      node,
      asked.filter(subscription => !refused.includes(subscription)),
    );
  }

  onConfused(node: RedisNode): void {
    this.#askAgain(node, this.#subscriptions.over(node));
  }

  /** Asks on the same node again: subscriptions whose slots have moved fail, and the others stay. */
  #askAgain(node: RedisNode, subscriptions: readonly Subscription[]): void {
    subscriptions.forEach(subscription => subscription.lose());
    void this.#ask(node, subscriptions);
  }

  /** Requests all subscriptions that are not made. */
  #attempt(): void {
    clearTimeout(this.#retry);
    const byNode = new Map<RedisNode, Subscription[]>();
    const unassigned: Subscription[] = [];
    for (const subscription of this.#subscriptions.open) {
      const node = this.#connections.for(subscription.kind, this.#prefix + subscription.name);
      if (!node) {
        unassigned.push(subscription);
      } else if (!byNode.get(node)?.push(subscription)) {
        byNode.set(node, [subscription]);
      }
    }
    byNode.forEach((subscriptions, node) => void this.#ask(node, subscriptions));
    this.#attemptLater(unassigned);
  }

  #attemptLater(subscriptions: readonly Subscription[]): void {
    if (!subscriptions.some(({ isOpen }) => isOpen)) {
      return;
    }
    const { client } = this.terms.connection;
    if (client.status === 'ready' && isCluster(client)) {
      // The slots may have moved, and a client that sends nothing does not notice that.
      client.refreshSlotsCache(() => {});
    }
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#attempt(), RETRY);
  }

  async #ask(node: RedisNode, subscriptions: readonly Subscription[]): Promise<void> {
    await this.#makeAll(node, subscriptions);
    this.#tellRestored(subscriptions, this.onBack);
    this.#attemptLater(subscriptions);
  }

  /**
   * Requests refused subscriptions again: a few of them, and if one is allowed now, the others too. The subscriber is
   * notified after all of them, because what was missed is sent to it over one of them.
   */
  async #askRefused(node: RedisNode): Promise<void> {
    const asked = this.#refused.sampleOf(this.#subscriptions.over(node));
    await this.#makeAll(node, asked);
    if (asked.some(({ isMade }) => isMade)) {
      const others = this.#subscriptions
        .over(node)
        .filter(each => each.isRefused && !asked.includes(each));
      await this.#makeAll(node, others);
      asked.push(...others);
    }
    this.#tellRestored(asked, names => this.#regained.tell(names));
    this.#attemptLater(asked);
  }

  #tellRestored(
    subscriptions: readonly Subscription[],
    tell: (names: readonly string[]) => void,
  ): void {
    const back = subscriptions.filter(each => each.tellRestored());
    if (back.length > 0) {
      tell(back.map(({ name }) => name));
    }
  }

  #makeAll(node: RedisNode, subscriptions: readonly Subscription[]): Promise<unknown> {
    if (subscriptions.length === 0) {
      return Promise.resolve();
    }
    const heard = this.#nodes.get(node) ?? new ObservedNode(node, this);
    this.#nodes.set(node, heard);
    return Promise.all(subscriptions.map(each => this.#make(each, node, heard)));
  }

  async #make(subscription: Subscription, node: RedisNode, heard: ObservedNode): Promise<void> {
    const attempt = subscription.ask(node);
    try {
      const answer = node[subscription.kind](this.#askedName(subscription, node));
      answer.catch(({ message }: Error) => message.startsWith('MOVED') && heard.knowsOfMove());
      await within(PATIENCE, Promise.race([answer, attempt.abandoned]), () => {
        throw new Error(redisMessages.unanswered());
      });
      if (!attempt.isAbandoned) {
        subscription.succeed();
        this.#refused.confirmed(subscription);
      }
    } catch (error) {
      if (!attempt.isAbandoned) {
        subscription.fail((error as Error).message.startsWith('NOPERM'));
        // Not if it was removed meanwhile.
        if (subscription.isRefused) {
          this.#refused.refused(subscription);
        }
      }
    }
  }

  /** Checks each connection, and whether refused subscriptions are allowed now. */
  #beat(): void {
    for (const [node, heard] of this.#nodes) {
      if (heard.isAsked) {
        this.#cut(node);
      } else {
        this.#ping(node, heard);
        void this.#askRefused(node);
      }
    }
  }

  /** Checks a connection by requesting one of its subscriptions again, which has no effect if it is intact. */
  #ping(node: RedisNode, heard: ObservedNode): void {
    const wanted = this.#subscriptions.over(node).filter(({ isRefused }) => !isRefused);
    const one = wanted[Math.floor(Math.random() * wanted.length)];
    if (one) {
      heard.isAsked = true;
      node[one.kind](this.#askedName(one, node)).then(
        () => (heard.isAsked = false),
        () => this.#nodes.get(node) === heard && this.onLost(node),
      );
    }
  }

  #cut(node: RedisNode): void {
    if (node === this.terms.connection.client) {
      this.terms.suspect();
    } else {
      // Clients of cluster nodes do not reconnect; the cluster client creates new ones.
      node.disconnect(!isCluster(this.terms.connection.client));
    }
  }

  /** Returns the name to request. Only some clients of cluster nodes add the prefix to sharded channels themselves. */
  #askedName({ kind, name }: Subscription, node: RedisNode): string {
    return kind === 'ssubscribe' && !node.options.keyPrefix ? this.#prefix + name : name;
  }
}
