import type { RedisNode } from '../../../redis/connection/redis-client.interface.js';
import { assertReply } from '../../../redis/redis-replies.js';
import {
  MAX_VALUE_LENGTH,
  type PeekedValue,
  type StateEntryKind,
} from '../../inspection/state-inspection.interface.js';
import { cutText, leaderboardText, mapText, setText } from '../../inspection/value-text.js';
import { text } from '../../../validation/shape/scalars.js';
import { asPairs } from './encoding.interface.js';
import type { RedisKeys } from './redis-keys.js';
import { flag, listOf } from './reply-shapes.js';
import { stateScript } from './state-script.js';

const PEEK = stateScript('clock', 'peek');

/** The types of Redis for kinds with a value. */
const TYPES: Readonly<Partial<Record<StateEntryKind, string>>> = {
  counter: 'string',
  value: 'string',
  map: 'hash',
  set: 'hash',
  leaderboard: 'zset',
};

const REPLY = listOf([flag], [text()]);

/** Returns the value of an entry as JSON; `null` if there is none of this kind. @internal */
export async function peekRedis(
  client: RedisNode,
  keys: RedisKeys,
  kind: StateEntryKind,
  key: string,
): Promise<PeekedValue | null> {
  const type = TYPES[kind];
  if (type === undefined) {
    return null;
  }
  const reply = await PEEK.run(
    client,
    [keys.data(key), keys.of('fields', key)],
    [type, MAX_VALUE_LENGTH],
  );
  if (Array.isArray(reply) && reply.length === 0) {
    return null;
  }
  assertReply('a script', REPLY, reply);
  const [more, ...found] = reply as readonly [number | string, ...string[]];
  const isPart = Number(more) === 1;
  if (type === 'string') {
    return cutText(found[0] ?? '', isPart);
  }
  const pairs = asPairs(found);
  if (kind === 'leaderboard') {
    return leaderboardText(
      pairs.map(([member, score]) => [member, Number(score)]),
      isPart,
    );
  }
  return kind === 'set' ? setText(pairs, isPart) : mapText(pairs, isPart);
}
