import { isWholeNumber } from '../../whole-number.js';
import { FIELD_BYTES, MAP_BYTES, textBytes } from './structures/byte-sizes.js';
import type { DataSpace, Handlers } from './memory-handlers.js';
import type { MapItem } from './structures/memory-item.js';
import { itemsOf } from './structures/items-of.js';

const { read, write } = itemsOf<MapItem>('map', () => new Map(), MAP_BYTES);

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

/** @internal */
export const mapHandlers: Handlers<
  'mapGet' | 'mapHas' | 'mapSet' | 'mapDelete' | 'mapIncrement' | 'mapEntries' | 'mapSize',
  DataSpace
> = {
  mapGet: (data, { key, field }, now) =>
    read(data, key, now, null, ({ content }) => content.get(field) ?? null),

  mapHas: (data, { key, field }, now) =>
    read(data, key, now, false, ({ content }) => content.has(field)),

  mapSet: (data, { key, field, value }, now) =>
    write(data, key, now, growth(field, value), ({ content }) => {
      const isNew = !content.has(field);
      content.set(field, value);
      return isNew;
    }),

  mapDelete: (data, { key, field }, now) =>
    read(data, key, now, false, item => {
      const before = item.content.get(field);
      if (before !== undefined) {
        item.content.delete(field);
        data.resize(item, item.bytes - fieldBytes(field, before));
      }
      if (item.content.size === 0) {
        data.delete(item);
      }
      return before !== undefined;
    }),

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
    const text = String(value);
    return write(data, key, now, growth(field, text), ({ content }) => {
      content.set(field, text);
      return value;
    });
  },

  mapEntries: (data, { key }, now) => read(data, key, now, [], ({ content }) => [...content]),

  mapSize: (data, { key }, now) => read(data, key, now, 0, ({ content }) => content.size),
};
