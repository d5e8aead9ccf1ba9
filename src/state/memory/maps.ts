import { isWholeNumber } from '../whole-number.js';
import type { DataSpace, Handlers } from './handlers.js';
import type { MapItem } from './item.js';
import { itemsOf } from './items-of.js';

const { read, write } = itemsOf<MapItem>('map', () => new Map());

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
    write(data, key, now, ({ content }) => {
      const isNew = !content.has(field);
      content.set(field, value);
      return isNew;
    }),

  mapDelete: (data, { key, field }, now) =>
    read(data, key, now, false, item => {
      const wasThere = item.content.delete(field);
      if (item.content.size === 0) {
        data.delete(item);
      }
      return wasThere;
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
    return write(data, key, now, ({ content }) => {
      content.set(field, String(value));
      return value;
    });
  },

  mapEntries: (data, { key }, now) => read(data, key, now, [], ({ content }) => [...content]),

  mapSize: (data, { key }, now) => read(data, key, now, 0, ({ content }) => content.size),
};
