import { beforeEach, describe, expect, it } from 'vitest';
import { StateInputError } from '../../../../src/index.js';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { Caches } from '../../../../src/state/objects/cache/caches.js';
import type { NamedChange } from '../../../../src/state/objects/cache/shared-feed.js';
import { SingleFlight } from '../../../../src/state/objects/cache/single-flight.js';
import type { StateCache } from '../../../../src/state/objects/cache/state-cache.js';
import { Locks } from '../../../../src/state/objects/locks.js';
import { FakeExecutor } from '../../../support/fakes/fake-executor.js';

let executor: FakeExecutor;
let caches: Caches;

beforeEach(() => {
  executor = new FakeExecutor();
  const client = new StateClient(executor, 1_000, 0);
  const flights = new SingleFlight(client, new Locks(client, () => Promise.resolve()));
  caches = new Caches({ client, flights, maxValueBytes: 1_000 }, { warn: () => {} });
});

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** Makes changes of other workers arrive, and returns what passes them on. */
async function live(): Promise<(change: NamedChange) => void> {
  let pass!: (change: NamedChange) => void;
  caches.feed.source = {
    publish: () => Promise.resolve(),
    subscribe: onChanges => {
      pass = onChanges;
      return Promise.resolve();
    },
  };
  await turn();
  return pass;
}

/** Reads a key from the backend, which has a value. */
async function read(cache: StateCache, key = 'k', value: unknown = 'v'): Promise<unknown> {
  const reading = cache.get(key);
  const entry = { value: JSON.stringify(value), freshFor: null, version: 1 };
  await executor.answer({ type: 'applied', results: [entry] });
  return reading;
}

describe('a cache', () => {
  it('is stored with its limits, of which only that of the entries has a default', async () => {
    for (const options of [{}, { ttl: 5, maxEntries: 7, maxBytes: 9 }]) {
      const written = caches.open('c', options).set('k', 1);
      await executor.answer({ type: 'applied', results: [1] });
      await written;
    }
    const stored = { name: 'cacheSet', key: 'c', field: 'k', value: '1', stale: 0 };
    expect(executor.batches.map(({ operations }) => operations)).toEqual([
      [{ ...stored, maxEntries: 10_000 }],
      [{ ...stored, ttl: 5, maxEntries: 7, maxBytes: 9 }],
    ]);
  });

  it.each<[string, string, object]>([
    ['an empty name', '', {}],
    ['an invalid limit', 'c', { maxEntries: 0 }],
    ['an unknown option', 'c', { size: 5 }],
    ['an invalid option of its near cache', 'c', { near: { maxEntries: 0 } }],
  ])('is not opened with %s', (_, name, options) => {
    expect(() => caches.open(name, options)).toThrow(StateInputError);
  });
});

describe('the copies of a near cache', () => {
  it('are shared by the calls with one name, and those of other names are not', async () => {
    const first = caches.open('c', { near: true });
    await live();
    expect(await read(first)).toBe('v');
    expect(await caches.open('c', { near: { maxEntries: 5 } }).get('k')).toBe('v');
    expect(executor.batches).toHaveLength(1);
    expect(await read(caches.open('other', { near: true }), 'k', 'w')).toBe('w');
    expect(await read(caches.open('c', {}), 'k', 'x')).toBe('x');
  });

  it('are dropped when another worker has changed the entry', async () => {
    const cache = caches.open('c', { near: true });
    const pass = await live();
    await read(cache);
    pass({ cache: 'c', key: 'k' });
    expect(await read(cache, 'k', 'new')).toBe('new');
  });

  it('are frozen if the option says so, and as many as it says', async () => {
    const cache = caches.open<object>('c', { near: { freeze: true, maxEntries: 1 } });
    await live();
    const value = await read(cache, 'a', {});
    expect(Object.isFrozen(value)).toBe(true);
    expect(await cache.get('a')).toBe(value);
    await read(cache, 'b', {});
    expect(await read(cache, 'a', { again: true })).toEqual({ again: true });
  });
});
