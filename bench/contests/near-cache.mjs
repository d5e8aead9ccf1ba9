/** Hits of a near cache, beside the same value in a `Map`; and four caches on Redis, beside @keyv/redis. */
import KeyvRedis from '@keyv/redis';
import { Keyv } from 'keyv';
import { contest } from '../support/contest.mjs';
import { importApp } from '../support/import-app.mjs';
import { takeTurns } from '../support/turns.mjs';

const CLIENTS = 4;
const IN_FLIGHT = 64;
const KEYS = 1000;
/** One call in this many is a write. */
const WRITE_EVERY = 20;
/** Hits between two looks at the clock. */
const BATCH = 1000;
const SCHEDULE = { turns: 8, turnMilliseconds: 200, warmupMilliseconds: 400 };

const VALUE = {
  id: 4711,
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  roles: ['author', 'editor'],
  address: { street: '12 St James Square', city: 'London', country: 'UK' },
};

const { openState } = await importApp('shared-state');
const { inFlight } = await importApp('in-flight');

/**
 * @param {number} milliseconds
 * @param {() => void | Promise<void>} batch
 */
async function hits(milliseconds, batch) {
  const startedAt = performance.now();
  let calls = 0;
  while (performance.now() - startedAt < milliseconds) {
    await batch();
    calls += BATCH;
  }
  return { calls, milliseconds: performance.now() - startedAt };
}

/** @param {import('nestjs-cluster').StateCache} cache */
async function compareHits(cache, /** @type {number} */ round) {
  const map = new Map([['key', JSON.stringify(VALUE)]]);
  await cache.set('key', VALUE);
  await cache.get('key');
  const candidates = {
    ours: (/** @type {number} */ milliseconds) =>
      hits(milliseconds, async () => {
        for (let call = 0; call < BATCH; call++) {
          await cache.get('key');
        }
      }),
    theirs: (/** @type {number} */ milliseconds) =>
      hits(milliseconds, () => {
        for (let call = 0; call < BATCH; call++) {
          JSON.parse(map.get('key') ?? '');
        }
      }),
  };
  return takeTurns(candidates, SCHEDULE, round);
}

/**
 * @typedef {object} Cache
 * @property {(key: string) => Promise<unknown>} get
 * @property {(key: string, value: unknown) => Promise<unknown>} set
 */

/** @param {Cache[]} caches */
async function mixOf(caches) {
  let count = 0;
  for (let key = 0; key < KEYS; key++) {
    await caches[0]?.set(`key-${key}`, VALUE);
  }
  return (/** @type {number} */ milliseconds) =>
    inFlight(IN_FLIGHT, milliseconds, index => {
      const cache = /** @type {Cache} */ (caches[index % caches.length]);
      const call = count++;
      // A step that has no factor in common with the number of keys.
      const key = `key-${(call * 7919) % KEYS}`;
      // Each time that all keys have had a turn, others are written.
      const isWrite = (call + Math.floor(call / KEYS)) % WRITE_EVERY === 0;
      return isWrite ? cache.set(key, VALUE) : cache.get(key);
    });
}

await contest(async ({ redis, round }) => {
  const states = await Promise.all(Array.from({ length: CLIENTS }, () => openState(redis)));
  const ours = states.map(({ state }) => state.cache('bench', { near: true }));
  const theirs = ours.map(() => new Keyv({ store: new KeyvRedis(redis) }));
  const [cache] = ours;
  return {
    hits: await compareHits(/** @type {import('nestjs-cluster').StateCache} */ (cache), round),
    mix: await takeTurns({ ours: await mixOf(ours), theirs: await mixOf(theirs) }, SCHEDULE, round),
  };
});
