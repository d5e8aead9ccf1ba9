import { setImmediate as nextTurn } from 'node:timers/promises';
import { MAX_ENTRIES, MAX_OWNERS } from '../../inspection/state-inspection.interface.js';
import type {
  InspectedEntry,
  PeekedValue,
  StateEntryKind,
  StateInspection,
} from '../../inspection/state-inspection.interface.js';
import { inOrder, shareOut } from '../../inspection/share-out.js';
import { isInternal } from '../../is-internal.js';
import {
  cutText,
  leaderboardText,
  looksLikeSet,
  mapText,
  setText,
} from '../../inspection/value-text.js';
import { isWholeNumber } from '../../whole-number.js';
import type { CacheSpace } from './memory-caches.js';
import type { DataSpace } from './memory-handlers.js';
import type { HistorySpace } from './memory-histories.js';
import type { LockSpace } from './memory-locks.js';
import type { LimitSpace } from './memory-rate-limits.js';
import type { SemaphoreSpace } from './memory-semaphores.js';
import type { ThrottlerSpace } from './memory-throttlers.js';
import type { Expiring } from './structures/expiring-map.js';
import { removeExpiredFields } from './memory-maps.js';
import type { Item } from './structures/memory-item.js';

/** Everything that the memory backend stores. @internal */
export interface MemorySpaces {
  readonly data: DataSpace;
  readonly limits: LimitSpace;
  readonly throttlers: ThrottlerSpace;
  readonly caches: CacheSpace;
  readonly locks: LockSpace;
  readonly semaphores: SemaphoreSpace;
  readonly histories: HistorySpace;
}

/** The most leaderboard members that are read for one value. */
const MEMBERS = 10_000;

/**
 * Describes the entries in memory, without their values. Looks at a bounded number of entries, and lets others have their
 * turns in between.
 *
 * @param now returns the time of the backend
 * @internal
 */
export async function inspectMemory(
  spaces: MemorySpaces,
  now: () => number,
): Promise<StateInspection> {
  const groups: (readonly InspectedEntry[])[] = [];
  for (const each of SPACES) {
    groups.push(some(each(spaces, now())));
    await nextTurn();
  }
  const entries = shareOut(groups, MAX_ENTRIES);
  return {
    entries: inOrder(entries),
    isTruncated: groups.flat().length > entries.length,
  };
}

/** Returns the value of an entry as JSON; `null` if there is none of this kind. @internal */
export function peekMemory(
  { data }: MemorySpaces,
  kind: StateEntryKind,
  key: string,
  now: number,
): PeekedValue | null {
  const item = data.get(key, now);
  if (!item || kindOf(item) !== kind) {
    return null;
  }
  if (item.kind === 'value') {
    return cutText(item.content);
  }
  if (item.kind === 'leaderboard') {
    return leaderboardText(item.content.top(MEMBERS), item.content.size > MEMBERS);
  }
  if (!removeExpiredFields(data, item, now)) {
    return null;
  }
  return kind === 'set' ? setText(item.content) : mapText(item.content);
}

type Describe = (spaces: MemorySpaces, now: number) => Iterable<InspectedEntry>;

const SPACES: readonly Describe[] = [
  function* ofLocks({ locks }, now) {
    for (const { key: name, holder, queue } of locks.all(now)) {
      const isHeld = holder !== undefined && holder.until > now;
      const waiting = waitingIn(queue, now);
      if (isHeld || waiting > 0) {
        const [kind, key] = lockPlace(name);
        const owners = isHeld ? [holder.owner] : [];
        yield { kind, key, ...(isHeld && { ttl: holder.until - now }), owners, waiting };
      }
    }
  },
  function* ofSemaphores({ semaphores }, now) {
    for (const { key: name, holders, queue } of semaphores.all(now)) {
      const held = [...holders].filter(([, until]) => until > now);
      const waiting = waitingIn(queue, now);
      if (held.length + waiting > 0) {
        const owners = held.slice(0, MAX_OWNERS).map(([owner]) => owner);
        const [kind, key] = lockPlace(name);
        yield { kind, key, size: held.length, owners, waiting };
      }
    }
  },
  function* ofHistories({ histories }) {
    for (const [key, { size }] of histories.all) {
      yield { kind: 'history', key, size };
    }
  },
  function* ofCaches({ caches }, now) {
    for (const cache of caches.all(now)) {
      yield { kind: 'cache', key: cache.key, ...ttlOf(cache, now), size: cache.entries.size };
    }
  },
  function* ofLimits({ limits }, now) {
    for (const window of limits.all(now)) {
      yield { kind: 'rateLimit', key: window.key, ...ttlOf(window, now), size: window.total };
    }
  },
  function* ofThrottlers({ throttlers }, now) {
    for (const throttle of throttlers.all(now)) {
      const hits = [...throttle.hits.values()].flat().filter(({ expiresAt }) => expiresAt > now);
      const size = hits.reduce((sum, { count }) => sum + count, 0);
      yield { kind: 'throttler', key: throttle.key, ...ttlOf(throttle, now), size };
    }
  },
  function* ofData({ data }, now) {
    for (const item of data.all(now)) {
      if (item.kind === 'map' && !removeExpiredFields(data, item, now)) {
        continue;
      }
      const size = item.kind === 'value' ? undefined : item.content.size;
      yield {
        kind: kindOf(item),
        key: item.key,
        ...ttlOf(item, now),
        ...(size !== undefined && { size }),
      };
    }
  },
];

/** Returns one more than are shown, so that it is known whether there are more. */
function some(entries: Iterable<InspectedEntry>): readonly InspectedEntry[] {
  const found: InspectedEntry[] = [];
  for (const entry of entries) {
    if (!isInternal(entry.key) && found.push(entry) > MAX_ENTRIES) {
      break;
    }
  }
  return found;
}

function kindOf(item: Item): StateEntryKind {
  if (item.kind === 'value') {
    return isWholeNumber(item.content) ? 'counter' : 'value';
  }
  if (item.kind === 'leaderboard') {
    return 'leaderboard';
  }
  const [first] = item.content;
  return first && looksLikeSet(...first) ? 'set' : 'map';
}

function ttlOf({ expiresAt }: Expiring, now: number): { readonly ttl?: number } {
  return expiresAt === Infinity ? {} : { ttl: Math.max(0, Math.round(expiresAt - now)) };
}

function waitingIn(queue: ReadonlyMap<string, number>, now: number): number {
  return [...queue.values()].filter(until => until > now).length;
}

/** Returns the kind and the name of a lock, from the key of the backend. */
function lockPlace(name: string): readonly [StateEntryKind, string] {
  const colon = name.indexOf(':');
  return [name.slice(0, colon) as StateEntryKind, name.slice(colon + 1)];
}
