import type { RedisNode } from '../../../redis/connection/redis-client.interface.js';
import { assertReply } from '../../../redis/redis-replies.js';
import { mapInTurn } from '../../../system/async/map-in-turn.js';
import { monotonicNow } from '../../../system/time/monotonic-now.js';
import { anything, text } from '../../../validation/shape/scalars.js';
import {
  type InspectedEntry,
  MAX_ENTRIES,
  MAX_OWNERS,
  type StateEntryKind,
  type StateInspection,
} from '../../inspection/state-inspection.interface.js';
import { inOrder, shareOut } from '../../inspection/share-out.js';
import { isInternal } from '../../is-internal.js';
import { looksLikeSet } from '../../inspection/value-text.js';
import type { KeyPlace, RedisKeys } from './redis-keys.js';
import { listOf, whole } from './reply-shapes.js';
import { type NamePage, scanNames } from './scan-keys.js';
import { stateScript } from './state-script.js';

const INSPECT = stateScript('clock', 'inspect');

/** What stores entries, with the key that the script needs in addition. */
const SECOND_KEYS: Readonly<Record<string, string>> = {
  data: 'fields',
  lock: 'lock-waits',
  permits: 'lock-waits',
  cache: 'cache-bytes',
  hits: 'life',
  throttle: 'life',
  history: 'life',
};

/** Milliseconds for which the names of a large namespace are read. */
const SCAN_MILLISECONDS = 1_500;

/** The number of entries that are described at the same time. */
const SOME = 100;

const GONE = -2;

const REPLY = listOf([whole()], [anything]);

const OWNERS = listOf([], [text()]);

/**
 * Describes the entries of a namespace in Redis, without their values. Of a large namespace, it looks at a part.
 *
 * @internal
 */
export async function inspectRedis(client: RedisNode, keys: RedisKeys): Promise<StateInspection> {
  const groups = new Map<string, KeyPlace[]>();
  const until = monotonicNow() + SCAN_MILLISECONDS;
  let cursor: string | null = '';
  while (cursor !== null && monotonicNow() < until) {
    const page: NamePage = await scanNames(client, keys, cursor);
    for (const name of page.names) {
      const place = keys.placeOf(name);
      if (place && Object.hasOwn(SECOND_KEYS, place.what) && !isInternal(nameOf(place))) {
        const group = groups.get(place.what) ?? [];
        groups.set(place.what, group);
        group.push(place);
      }
    }
    ({ cursor } = page);
  }
  const found = [...groups.values()].map(unique);
  const chosen = shareOut(found, MAX_ENTRIES);
  const entries = await mapInTurn(chosen, SOME, place => describe(client, keys, place));
  return {
    entries: inOrder(entries.flat()),
    isTruncated: cursor !== null || chosen.length < found.flat().length,
  };
}

/** SCAN may return a key more than once. */
function unique(places: readonly KeyPlace[]): KeyPlace[] {
  return [...new Map(places.map(place => [place.key, place])).values()];
}

/** @returns nothing for a key that is gone, or that another program has written */
async function describe(
  client: RedisNode,
  keys: RedisKeys,
  place: KeyPlace,
): Promise<InspectedEntry[]> {
  const { what, key } = place;
  const name = what === 'data' ? keys.data(key) : keys.of(what, key);
  const second = keys.of(SECOND_KEYS[what]!, key);
  let reply: unknown;
  try {
    reply = await INSPECT.run(client, [name, second], [what, MAX_OWNERS]);
  } catch (error) {
    if (error instanceof Error && error.message.includes('WRONGTYPE')) {
      return [];
    }
    throw error;
  }
  assertReply('a script', REPLY, reply);
  const [ttl, kind, size, waiting, ...rest] = reply as readonly unknown[];
  if (Number(ttl) === GONE) {
    return [];
  }
  assertReply('a script', OWNERS, rest);
  return [
    {
      ...kindAndKey(place, String(kind), rest as string[]),
      ...(Number(ttl) >= 0 && { ttl: Number(ttl) }),
      ...(size !== '' && { size: Number(size) }),
      ...(waiting !== '' && { waiting: Number(waiting), owners: rest as string[] }),
    },
  ];
}

function kindAndKey(
  place: KeyPlace,
  kind: string,
  rest: readonly string[],
): Pick<InspectedEntry, 'kind' | 'key'> {
  const key = nameOf(place);
  if (kind === 'lock') {
    return { kind: place.key.startsWith('leader:') ? 'leader' : 'lock', key };
  }
  const [field, value] = rest;
  const isSet = kind === 'map' && field !== undefined && looksLikeSet(field, value ?? '');
  return { kind: isSet ? 'set' : (kind as StateEntryKind), key };
}

/** Returns the name that users have given: keys of locks and semaphores begin with their kind. */
function nameOf({ what, key }: KeyPlace): string {
  return what === 'lock' || what === 'permits' ? key.slice(key.indexOf(':') + 1) : key;
}
