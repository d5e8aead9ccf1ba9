import type { OperationFailure } from '../../operation.js';
import { isWholeNumber } from '../../whole-number.js';
import { EXPIRY_BYTES, FIELD_BYTES, MAP_BYTES, textBytes } from './structures/byte-sizes.js';
import { FieldExpiries } from './structures/field-expiries.js';
import type { DataSpace, Handlers } from './memory-handlers.js';
import { lastExpiry, type MapItem } from './structures/memory-item.js';
import { itemsOf } from './structures/items-of.js';

const items = itemsOf<MapItem>('map', () => new Map(), MAP_BYTES);

function fieldBytes(field: string, value: string): number {
  return FIELD_BYTES + textBytes(field) + textBytes(value);
}

/** Returns the bytes by which a map grows when a field gets a value. */
function growth(field: string, value: string) {
  return (content: MapItem['content'] | undefined): number => {
    const before = content?.get(field);
    const after = fieldBytes(field, value);
    return before === undefined ? after : after - fieldBytes(field, before);
  };
}

/**
 * Removes the fields of a map that have expired, and the map if it has no others.
 *
 * @returns whether the map exists
 * @internal
 */
export function removeExpiredFields(data: DataSpace, item: MapItem, now: number): boolean {
  const { expiries, content } = item;
  if (!expiries || expiries.first > now) {
    return true;
  }
  for (const field of expiries.takeExpired(now)) {
    data.resize(item, item.bytes - fieldBytes(field, content.get(field) ?? '') - EXPIRY_BYTES);
    content.delete(field);
  }
  if (content.size === 0) {
    data.delete(item);
    return false;
  }
  return true;
}

/** Removes a field and its expiry. */
function removeField(data: DataSpace, item: MapItem, field: string): boolean {
  const { content } = item;
  const before = content.get(field);
  if (before === undefined) {
    return false;
  }
  content.delete(field);
  data.resize(item, item.bytes - fieldBytes(field, before));
  endExpiry(data, item, field);
  if (content.size === 0) {
    data.delete(item);
  } else {
    expireWithFields(data, item);
  }
  return true;
}

function endExpiry(data: DataSpace, item: MapItem, field: string): void {
  if (item.expiries?.has(field)) {
    item.expiries.delete(field);
    data.resize(item, item.bytes - EXPIRY_BYTES);
  }
}

/** Has a map without a time to live of its own expire with its last field, if all of them expire. */
function expireWithFields(data: DataSpace, item: MapItem): void {
  if (item.expiries && !item.isTimed) {
    data.expire(item, lastExpiry(item));
  }
}

function read<Result>(
  data: DataSpace,
  key: string,
  now: number,
  whenAbsent: Result,
  use: (item: MapItem) => Result,
): Result | OperationFailure {
  return items.read(data, key, now, whenAbsent, item =>
    removeExpiredFields(data, item, now) ? use(item) : whenAbsent,
  );
}

/** Sets a field; `ttl` is undefined if its expiry does not change, and `null` for never. */
function setField<Result>(
  data: DataSpace,
  key: string,
  now: number,
  { field, value, ttl }: { field: string; value: string; ttl: number | null | undefined },
  result: (isNew: boolean) => Result,
): Result | OperationFailure {
  const known = data.get(key, now);
  if (known?.kind === 'map') {
    removeExpiredFields(data, known, now);
  }
  const expiry = (content: MapItem['content'] | undefined): number => {
    const expires = known?.kind === 'map' && known.expiries?.has(field);
    return growth(field, value)(content) + (ttl && !expires ? EXPIRY_BYTES : 0);
  };
  return items.write(data, key, now, expiry, item => {
    const isNew = !item.content.has(field);
    item.content.set(field, value);
    if (ttl) {
      item.expiries ??= new FieldExpiries();
      item.expiries.set(field, now + ttl);
    } else if (ttl === null) {
      endExpiry(data, item, field);
    }
    expireWithFields(data, item);
    return result(isNew);
  });
}

/** @internal */
export const mapHandlers: Handlers<
  'mapGet' | 'mapHas' | 'mapSet' | 'mapDelete' | 'mapIncrement' | 'mapEntries' | 'mapSize',
  DataSpace
> = {
  mapGet: (data, { key, field }, now) =>
    read(data, key, now, null, ({ content }) => content.get(field) ?? null),

  mapHas: (data, { key, field }, now) =>
    read(data, key, now, false, ({ content }) => content.has(field)),

  mapSet: (data, { key, field, value, ttl = null }, now) =>
    setField(data, key, now, { field, value, ttl }, isNew => isNew),

  mapDelete: (data, { key, field }, now) =>
    read(data, key, now, false, item => removeField(data, item, field)),

  mapIncrement: (data, { key, field, by }, now) => {
    const before = read(data, key, now, '0', ({ content }) => content.get(field) ?? '0');
    if (typeof before !== 'string') {
      return before;
    }
    if (!isWholeNumber(before)) {
      return { failed: 'integer', found: before };
    }
    const value = Number(before) + by;
    if (!Number.isSafeInteger(value)) {
      return { failed: 'range', found: before };
    }
    const changed = { field, value: String(value), ttl: undefined };
    return setField(data, key, now, changed, () => value);
  },

  mapEntries: (data, { key }, now) => read(data, key, now, [], ({ content }) => [...content]),

  mapSize: (data, { key }, now) => read(data, key, now, 0, ({ content }) => content.size),
};
