import { hashSlot } from './hash-slot.js';
import { addressOf, type RedisCluster } from '../connection/redis-client.interface.js';
import { redisMessages } from '../redis.messages.js';

/**
 * Returns why a command for a key or a sharded channel cannot be sent now: the node that has its slot is not connected.
 * Connects to that node. Without this check, ioredis fails with the same error for a command that it has not sent and for
 * one whose answer was lost.
 *
 * @param refresh is called if the slot may have another node by now
 * @returns `undefined` if the node is connected, or not known, so that any other node tells which it is
 * @internal
 */
export function whyNotConnected(
  cluster: RedisCluster,
  name: string,
  refresh: () => void,
): string | undefined {
  const address = cluster.slots[hashSlot(name)]?.[0];
  if (address === undefined) {
    return undefined;
  }
  const node = cluster.nodes('all').find(each => addressOf(each) === address);
  if (node?.status === 'ready') {
    return undefined;
  }
  // ioredis removes a node whose connection is lost, until it reads again which node has the slot.
  refresh();
  if (node?.status === 'wait') {
    // The error is also emitted as an event.
    node.connect().catch(() => {});
  }
  return redisMessages.notConnected(address);
}
