import { nodeOfCluster } from '../cluster/cluster-node.js';
import type { RedisConnection } from '../connection/connect-redis.js';
import { endClient } from '../connection/end-client.js';
import { addressOf, isCluster, type RedisNode } from '../connection/redis-client.interface.js';
import type { SubscriptionKind } from './redis-subscription.js';

/**
 * What subscriptions are made over: the connections for commands, where these are ours and speak RESP3;
 * otherwise one more to each server that is needed, for a RESP2 connection that subscribes can do nothing
 * else.
 *
 * @internal
 */
export class SubscriberConnections {
  /** By the addresses of their servers. */
  readonly #extras = new Map<string, RedisNode>();
  #closed = false;

  constructor(
    private readonly connection: RedisConnection,
    /** Subscriptions may be made now that could not before. */
    private readonly onReady: () => void,
  ) {
    connection.client.on('ready', onReady);
    connection.client.on('+node', onReady);
  }

  /** The one for a subscription; `undefined` if it is not there yet. */
  for(kind: SubscriptionKind, wireName: string): RedisNode | undefined {
    const { client, isOurs } = this.connection;
    const isReady = client.status === 'ready';
    // Of a client that is not connected, it is not known what it speaks, or who is in its cluster.
    if (this.#closed || (!isReady && (isOurs || isCluster(client)))) {
      return undefined;
    }
    const node = isCluster(client) ? nodeOfCluster(client, kind, wireName, this.#extras) : client;
    if (!node) {
      return undefined;
    }
    const isShared = isOurs && this.#extras.size === 0 && speaksResp3(node);
    return isShared ? node : this.#extraFor(node);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.connection.client.off('ready', this.onReady);
    this.connection.client.off('+node', this.onReady);
    await Promise.all([...this.#extras.values()].map(endClient));
  }

  #extraFor(node: RedisNode): RedisNode | undefined {
    const extra = this.#extras.get(addressOf(node)) ?? this.#open(node);
    // It has given up, as when no Sentinel is there.
    if (extra.status === 'wait' || extra.status === 'end') {
      extra.connect().catch(() => {});
    }
    return extra.status === 'ready' ? extra : undefined;
  }

  #open(node: RedisNode): RedisNode {
    const extra = this.connection.duplicate(node);
    const address = addressOf(node);
    this.#extras.set(address, extra);
    // What is the matter with Redis, the other connection says.
    extra.on('error', () => {});
    extra.on('ready', this.onReady);
    if (isCluster(this.connection.client)) {
      // The next one may have to go to another node.
      extra.on('end', () => this.#extras.delete(address));
    }
    return extra;
  }
}

function speaksResp3({ condition, options }: RedisNode): boolean {
  return (condition?.protocol ?? options.protocol ?? 3) === 3;
}
