import {
  addressOf,
  isCluster,
  keyPrefixOf,
  type RedisNode,
} from '../../../redis/connection/redis-client.interface.js';
import { assertReply } from '../../../redis/redis-replies.js';
import { describedError } from './reply-error.js';
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
  const page = await scan(client, cursor, clientPrefix => keys.patternOf(prefix, clientPrefix));
  return {
    keys: page.names.flatMap(name => {
      const key = keys.userKey(name);
      return key?.startsWith(prefix) ? [key] : [];
    }),
    cursor: page.cursor,
  };
}

/** Some names in Redis, without what ioredis puts before all keys, and where to continue. @internal */
export interface NamePage {
  readonly names: readonly string[];
  readonly cursor: string | null;
}

/** Returns the next page of all names of the namespace, also of the internal keys. @internal */
export function scanNames(client: RedisNode, keys: RedisKeys, cursor: string): Promise<NamePage> {
  return scan(client, cursor, clientPrefix => keys.patternOfAll(clientPrefix));
}

async function scan(
  client: RedisNode,
  cursor: string,
  patternOf: (clientPrefix: string) => string,
): Promise<NamePage> {
  const nodes = isCluster(client) ? client.nodes('master') : [client];
  const ordered = nodes.toSorted((a, b) => (addressOf(a) < addressOf(b) ? -1 : 1));
  const [address, from = '0'] = cursor === '' ? [addressOf(ordered[0]!)] : cursor.split(' ');
  const index = ordered.findIndex(node => addressOf(node) === address);
  const node = ordered[index];
  if (!node) {
    throw new Error(stateMessages.nodeLeft());
  }
  const clientPrefix = keyPrefixOf(client);
  const pattern = patternOf(clientPrefix);
  const reply = await node
    .call('SCAN', from, 'MATCH', pattern, 'COUNT', COUNT)
    .catch((error: Error) => {
      throw describedError(error);
    });
  assertReply('SCAN', REPLY, reply);
  const [next, names] = reply as readonly [string, readonly string[]];
  const following = next === '0' ? ordered[index + 1] : node;
  return {
    names: names.map(name => name.slice(clientPrefix.length)),
    cursor: following ? `${addressOf(following)} ${next}` : null,
  };
}
