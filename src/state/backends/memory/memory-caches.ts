import { EXPIRY_BYTES, FIELD_BYTES, MAP_BYTES, textBytes } from './structures/byte-sizes.js';
import { type Expiring, ExpiringMap } from './structures/expiring-map.js';
import type { MemoryBudget } from './memory-budget.js';
import type { MemoryClock } from './memory-clock.js';
import type { Handlers } from './memory-handlers.js';

interface Entry {
  readonly value: string;
  readonly version: number;
  /** When it becomes stale; `Infinity` for never. */
  readonly freshUntil: number;
  /** When it expires. */
  readonly expiresAt: number;
}

/** A cache. Its entries are in the order of their last use. */
interface Cache extends Expiring {
  readonly entries: Map<string, Entry>;
  /** The size of the keys and values in bytes of UTF-8. */
  size: number;
}

/** @internal */
export type CacheSpace = ExpiringMap<Cache>;

/** Greater than the versions of all entries. */
let lastVersion = 0;

/** @internal */
export function cacheSpace(clock: Pick<MemoryClock, 'now'>, budget: MemoryBudget): CacheSpace {
  return new ExpiringMap(clock, budget);
}

/** @internal */
export const cacheHandlers: Handlers<
  'cacheGet' | 'cacheSet' | 'cacheDelete' | 'cacheKeys' | 'cacheClear',
  CacheSpace
> = {
  cacheGet: (space, { key, field }, now) => {
    const cache = space.get(key, now);
    const entry = cache?.entries.get(field);
    if (!cache || !entry) {
      return null;
    }
    if (entry.expiresAt <= now) {
      remove(space, cache, field);
      return null;
    }
    cache.entries.delete(field);
    cache.entries.set(field, entry);
    return {
      value: entry.value,
      freshFor: entry.freshUntil === Infinity ? null : entry.freshUntil - now,
      version: entry.version,
    };
  },

  cacheSet: (space, { key, field, value, ttl = Infinity, stale, maxEntries, maxBytes }, now) => {
    const known = space.get(key, now);
    const size = sizeOf(field, value);
    if (known) {
      remove(space, known, field);
    }
    if (maxBytes !== undefined && size > maxBytes) {
      return 0;
    }
    const growth = bytesOf(field, value);
    // The least recently used entries make room for this one.
    let cache = space.get(key, now);
    const isFull = (by: Cache): boolean =>
      by.entries.size >= maxEntries ||
      (maxBytes !== undefined && by.size + size > maxBytes) ||
      !space.budget.fits(growth);
    while (cache && isFull(cache)) {
      remove(space, cache, cache.entries.keys().next().value!);
      cache = space.get(key, now);
    }
    if (!space.budget.fits(growth + (cache ? 0 : emptyBytes(key)))) {
      return space.budget.full();
    }
    const isNew = cache === undefined;
    cache ??= newCache(key);
    if (isNew) {
      space.add(cache);
    }
    const freshUntil = now + ttl;
    const expiresAt = freshUntil + stale;
    const version = ++lastVersion;
    cache.entries.set(field, { value, version, freshUntil, expiresAt });
    cache.size += size;
    space.resize(cache, cache.bytes + growth);
    space.expire(cache, isNew ? expiresAt : Math.max(cache.expiresAt, expiresAt));
    return version;
  },

  cacheDelete: (space, { key, field }, now) => {
    const cache = space.get(key, now);
    const entry = cache?.entries.get(field);
    if (!cache || !entry) {
      return false;
    }
    remove(space, cache, field);
    return entry.expiresAt > now;
  },

  cacheKeys: (space, { key, prefix }, now) =>
    [...(space.get(key, now)?.entries ?? [])]
      .filter(([field, { expiresAt }]) => field.startsWith(prefix) && expiresAt > now)
      .map(([field]) => field),

  cacheClear: (space, { key, prefix }, now) => {
    const cache = space.get(key, now);
    const fields = [...(cache?.entries.keys() ?? [])].filter(field => field.startsWith(prefix));
    fields.forEach(field => remove(space, cache!, field));
    return fields.length > 0;
  },
};

/** Removes an entry, and the cache with its last one. */
function remove(space: CacheSpace, cache: Cache, field: string): void {
  const entry = cache.entries.get(field);
  if (!entry) {
    return;
  }
  cache.entries.delete(field);
  cache.size -= sizeOf(field, entry.value);
  space.resize(cache, cache.bytes - bytesOf(field, entry.value));
  if (cache.entries.size === 0) {
    space.delete(cache);
  }
}

function sizeOf(field: string, value: string): number {
  return Buffer.byteLength(field) + Buffer.byteLength(value);
}

function bytesOf(field: string, value: string): number {
  return FIELD_BYTES + EXPIRY_BYTES + textBytes(field) + textBytes(value);
}

function emptyBytes(key: string): number {
  return MAP_BYTES + textBytes(key);
}

function newCache(key: string): Cache {
  return {
    key,
    expiresAt: Infinity,
    due: undefined,
    bytes: emptyBytes(key),
    entries: new Map(),
    size: 0,
  };
}
