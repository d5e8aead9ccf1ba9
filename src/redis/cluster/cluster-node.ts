import { hashSlot } from './hash-slot.js';
import {
  addressOf,
  type RedisCluster,
  type RedisNode,
} from '../connection/redis-client.interface.js';
import type { SubscriptionKind } from '../subscriber/redis-subscription.js';

/**
 * Returns the cluster node for a subscription: for a sharded channel, the node that has its slot; for other channels,
 * any node, because nodes broadcast their messages.
 *
 * @param preferred nodes to prefer, by address
 * @returns `undefined` if there is no such node now
 * @internal
 */
export function nodeOfCluster(
  cluster: RedisCluster,
  kind: SubscriptionKind,
  wireName: string,
  preferred: ReadonlyMap<string, unknown>,
): RedisNode | undefined {
  // Nodes that are not connected yet connect on use.
  const nodes = cluster.nodes('all').filter(({ status }) => status !== 'end' && status !== 'close');
  if (kind === 'ssubscribe') {
    const master = cluster.slots[hashSlot(wireName)]?.[0];
    return nodes.find(node => addressOf(node) === master);
  }
  const connected = nodes.filter(({ status }) => status === 'ready');
  const candidates = connected.length > 0 ? connected : nodes;
  return (
    candidates.find(node => preferred.has(addressOf(node))) ??
    candidates[Math.floor(Math.random() * candidates.length)]
  );
}
