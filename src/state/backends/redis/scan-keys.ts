import {
  addressOf,
  isCluster,
  type RedisNode,
} from '../../../redis/connection/redis-client.interface.js';
import { assertReply } from '../../../redis/redis-replies.js';
import { listOf, texts } from './reply-shapes.js';
import { matching } from '../../../validation/shape/scalars.js';
import type { KeyPage } from '../../state-executor.interface.js';
import { stateMessages } from '../../state.messages.js';
import type { RedisKeys } from './redis-keys.js';

/** The number of keys that the server looks at for one page. */
const COUNT = 1_000;

const REPLY = listOf([matching(/^\d{1,20}$/, 'a cursor'), texts]);

/**
 * Returns the next page of the keys of users that begin with a prefix. On a Redis Cluster, the pages of one master come
 * after those of another one.
 *
 * @param cursor the address of the master and its cursor
 * @internal
 */
export async function scanKeys(
  client: RedisNode,
  keys: RedisKeys,
  prefix: string,
  cursor: string,
): Promise<KeyPage> {
  const nodes = isCluster(client) ? client.nodes('master') : [client];
  const ordered = nodes.toSorted((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1));
  const [address, from = '0'] = cursor === '' ? [addressOf(ordered[0]!)] : cursor.split(' ');
  const index = ordered.findIndex(node => addressOf(node) === address);
  const node = ordered[index];
  if (!node) {
    throw new Error(stateMessages.nodeLeft());
  }
  const clientPrefix = String(client.options.keyPrefix ?? '');
  const pattern = keys.patternOf(prefix, clientPrefix);
  const reply = await node.call('SCAN', from, 'MATCH', pattern, 'COUNT', COUNT);
  assertReply('SCAN', REPLY, reply);
  const [next, names] = reply as readonly [string, readonly string[]];
  const following = next === '0' ? ordered[index + 1] : node;
  return {
    keys: names.flatMap(name => {
      const key = keys.userKey(name.slice(clientPrefix.length));
      return key?.startsWith(prefix) ? [key] : [];
    }),
    cursor: following ? `${addressOf(following)} ${next}` : null,
  };
}
