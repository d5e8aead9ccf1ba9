import { asCount, asTime } from './replies.js';
import { isCluster, type RedisNode } from './redis-client.interface.js';

/**
 * Asks a server whether it works for us: that it answers, and takes changes, for it may be a replica.
 *
 * @param key one that nothing stands at
 * @returns its time in milliseconds; of the masters of a cluster, the earliest
 * @throws Error if it does not
 * @internal
 */
export async function greet(client: RedisNode, key: string): Promise<number> {
  if (!isCluster(client)) {
    asCount('DEL', await client.call('DEL', key));
    return timeOf(client);
  }
  const times = await Promise.allSettled(client.nodes('master').map(timeOf));
  const known = times.flatMap(time => (time.status === 'fulfilled' ? [time.value] : []));
  if (known.length === 0) {
    throw (
      (times[0] as PromiseRejectedResult | undefined)?.reason ?? new Error('no master is known')
    );
  }
  return Math.min(...known);
}

async function timeOf(node: RedisNode): Promise<number> {
  return asTime(await node.call('TIME'));
}
