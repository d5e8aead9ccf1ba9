import { nodeOfCluster } from '../cluster/cluster-node.js';
import type { RedisConnection } from '../connection/connect-redis.js';
import { endClient } from '../connection/end-client.js';
import { addressOf, isCluster, type RedisNode } from '../connection/redis-client.interface.js';
import type { SubscriptionKind } from './redis-subscription.js';

/**
 * The connections for subscriptions. They are the connections for commands if this package created those and they use
 * RESP3. Otherwise they are additional connections, one to each server, because a RESP2 connection that subscribes
 * cannot send other commands.
 *
 * @internal
 */
export class SubscriberConnections {
  /** The additional connections, by the addresses of their servers. */
  readonly #extras = new Map<string, RedisNode>();
  #closed = false;

  constructor(
    private readonly connection: RedisConnection,
    /** Called when subscriptions may succeed that could not be made before. */
    private readonly onReady: () => void,
  ) {
    connection.client.on('ready', onReady);
    connection.client.on('+node', onReady);
  }

  /** Returns the connection for a subscription; `undefined` if it is not ready. */
  for(kind: SubscriptionKind, wireName: string): RedisNode | undefined {
    const { client, isOurs } = this.connection;
    const isReady = client.status === 'ready';
    // The protocol and the cluster nodes are not known before the client is connected.
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
    // The client has given up, for example because no Sentinel was reachable.
    if (extra.status === 'wait' || extra.status === 'end') {
      extra.connect().catch(() => {});
    }
    return extra.status === 'ready' ? extra : undefined;
  }

  #open(node: RedisNode): RedisNode {
    const extra = this.connection.duplicate(node);
    const address = addressOf(node);
    this.#extras.set(address, extra);
    // Not logged: the connection for commands reports problems of Redis.
    extra.on('error', () => {});
    extra.on('ready', this.onReady);
    if (isCluster(this.connection.client)) {
      // Its replacement may have to connect to another node.
      extra.on('end', () => this.#extras.delete(address));
    }
    return extra;
  }
}

/** ioredis 5 has no RESP3, and no option `protocol`. A node that is not connected yet gets what its options say. */
function speaksResp3({ condition, options }: RedisNode): boolean {
  return (condition ? condition.protocol : options.protocol) === 3;
}
