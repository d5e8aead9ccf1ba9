import type { OperationFailure, Operations } from '../../operation.js';
import { isWholeNumber } from '../../whole-number.js';
import type { DataSpace, Handlers } from './memory-handlers.js';
import { removeExpiredFields } from './memory-maps.js';
import { EXPIRY_BYTES, textBytes, VALUE_BYTES } from './structures/byte-sizes.js';
import { type Item, lastExpiry, type ValueItem, wrongType } from './structures/memory-item.js';

/** Values, and counters, which are numbers at a key. @internal */
export const valueHandlers: Handlers<
  'get' | 'has' | 'set' | 'setIfAbsent' | 'replace' | 'delete' | 'ttl' | 'expire' | 'increment',
  DataSpace
> = {
  get: (data, { key }, now) => {
    const item = valueAt(data, key, now);
    return item === undefined || 'failed' in item ? (item ?? null) : item.content;
  },

  has: (data, { key }, now) => itemAt(data, key, now) !== undefined,

  set: (data, { key, value, ttl = Infinity, unless }, now) => {
    const item = valueAt(data, key, now);
    if (item !== undefined && 'failed' in item) {
      return item;
    }
    if (unless !== undefined && item?.content === unless) {
      return false;
    }
    return store(data, key, item, value, now + ttl) ?? true;
  },

  setIfAbsent: (data, { key, value, ttl = Infinity }, now) => {
    if (itemAt(data, key, now)) {
      return false;
    }
    return store(data, key, undefined, value, now + ttl) ?? true;
  },

  replace: (data, { key, expected, value, ttl }, now) => {
    const item = valueAt(data, key, now);
    if (item !== undefined && 'failed' in item) {
      return item;
    }
    if ((item?.content ?? null) !== expected) {
      return false;
    }
    if (value === null) {
      if (item) {
        data.delete(item);
      }
      return true;
    }
    const expiresAt = ttl === undefined ? (item?.expiresAt ?? Infinity) : now + ttl;
    return store(data, key, item, value, expiresAt) ?? true;
  },

  delete: (data, { key, only }, now) => {
    const item = itemAt(data, key, now);
    if (!item) {
      return false;
    }
    if (only && item.kind !== only) {
      return wrongType(item.kind);
    }
    data.delete(item);
    return true;
  },

  ttl: (data, { key }, now) => {
    const left = (itemAt(data, key, now)?.expiresAt ?? Infinity) - now;
    return left === Infinity ? null : left;
  },

  expire: (data, { key, ttl }, now) => {
    const item = itemAt(data, key, now);
    if (!item) {
      return false;
    }
    const isTimed = item.expiresAt !== Infinity;
    if (ttl !== null && !isTimed && !data.budget.fits(EXPIRY_BYTES)) {
      return data.budget.full();
    }
    if (item.kind === 'map') {
      item.isTimed = ttl !== null;
    }
    data.resize(item, item.bytes + (Number(ttl !== null) - Number(isTimed)) * EXPIRY_BYTES);
    data.expire(item, ttl === null ? lastExpiry(item) : now + ttl);
    return true;
  },

  increment: (data, operation, now) => {
    const item = valueAt(data, operation.key, now);
    if (item !== undefined && 'failed' in item) {
      return item;
    }
    if (item && !isWholeNumber(item.content)) {
      return { failed: 'integer', found: item.content };
    }
    const { key, min, max, ttl = Infinity } = operation;
    const start = item ? Number(item.content) : Math.min(max, Math.max(min, 0));
    const { end, change } = count(start, operation);
    if (end !== start || (!item && 'total' in change)) {
      return store(data, key, item, String(end), item?.expiresAt ?? now + ttl) ?? change;
    }
    return change;
  },
};

/** Applies the deltas one by one, except for those that would leave the bounds. */
function count(
  start: number,
  { runs, min, max }: Operations['increment']['takes'],
): { end: number; change: Operations['increment']['gives'] } {
  let end = start;
  let allMade = true;
  const values: (number | null)[] = [];
  for (const [delta, times] of runs) {
    for (let time = 0; time < times; time++) {
      const next = end + delta;
      const isMade = next >= min && next <= max;
      values.push(isMade ? next : null);
      end = isMade ? next : end;
      allMade &&= isMade;
    }
  }
  return { end, change: allMade ? { total: end } : { values } };
}

/** Returns what a key holds. A map whose fields have all expired is nothing. */
function itemAt(data: DataSpace, key: string, now: number): Item | undefined {
  const item = data.get(key, now);
  return item?.kind === 'map' && !removeExpiredFields(data, item, now) ? undefined : item;
}

function valueAt(
  data: DataSpace,
  key: string,
  now: number,
): ValueItem | OperationFailure | undefined {
  const item = itemAt(data, key, now);
  return item === undefined || item.kind === 'value' ? item : wrongType(item.kind);
}

/** Stores a value. @returns a failure, without any change, if there is no room */
function store(
  data: DataSpace,
  key: string,
  item: ValueItem | undefined,
  content: string,
  expiresAt: number,
): OperationFailure | undefined {
  const end = expiresAt === Infinity ? 0 : EXPIRY_BYTES;
  const bytes = VALUE_BYTES + textBytes(key) + textBytes(content) + end;
  if (!data.budget.fits(bytes - (item?.bytes ?? 0))) {
    return data.budget.full();
  }
  if (item) {
    item.content = content;
    data.resize(item, bytes);
    data.expire(item, expiresAt);
  } else {
    data.add({ kind: 'value', key, content, expiresAt, due: undefined, bytes });
  }
  return undefined;
}
