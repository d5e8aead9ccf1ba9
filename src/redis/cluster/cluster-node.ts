import { hashSlot } from './hash-slot.js';
import {
  addressOf,
  type RedisCluster,
  type RedisNode,
} from '../connection/redis-client.interface.js';
import type { SubscriptionKind } from '../subscriber/redis-subscription.js';

/**
 * To which of a cluster's nodes a subscription is to be made: that which has the slot of a sharded
 * channel; any for others, which nodes tell each other.
 *
 * @param preferred by their addresses
 * @returns `undefined` if there is none now
 * @internal
 */
export function nodeOfCluster(
  cluster: RedisCluster,
  kind: SubscriptionKind,
  wireName: string,
  preferred: ReadonlyMap<string, unknown>,
): RedisNode | undefined {
  // Those that are not connected yet connect for it.
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
