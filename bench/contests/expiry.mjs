/**
 * A million keys with a time to live in the memory of this process: their memory, and the pauses of the event loop
 * while they expire. The first argument selects this package, or a Map with a timer for each key. Needs --expose-gc.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { contest } from '../support/contest.mjs';
import { importApp } from '../support/import-app.mjs';
import { PauseWatch } from '../support/pauses.mjs';

const KEYS = 1_000_000;
const AT_ONCE = 1_000;
/** Milliseconds between the expiry of the first key and that of the last. */
const SPAN = 3_000;
/** Milliseconds after the last expiry until all keys have been removed. */
const MARGIN = 3_000;

/**
 * @typedef {object} Store
 * @property {number} fillMilliseconds the maximum time to fill it
 * @property {() => Promise<(key: string, value: object, ttl: number) => Promise<void>>} open
 */

/** @type {Record<string, Store>} */
const STORES = {
  ours: {
    fillMilliseconds: 30_000,
    open: async () => {
      const { openState } = await importApp('shared-state');
      const { state } = await openState();
      return (key, value, ttl) => state.set(key, value, { ttl });
    },
  },
  map: {
    fillMilliseconds: 20_000,
    open: async () => {
      const map = new Map();
      return async (key, value, ttl) => {
        map.set(key, value);
        setTimeout(() => map.delete(key), ttl);
      };
    },
  },
};

await contest(async () => {
  const { fillMilliseconds, open } = STORES[process.argv[2] ?? ''] ?? STORES.ours;
  const store = await open();
  const before = usedBytes();
  const firstExpiresAt = performance.now() + fillMilliseconds;
  await fill(store, firstExpiresAt);
  const bytes = usedBytes() - before;
  const left = firstExpiresAt - performance.now();
  if (left < 0) {
    throw new Error('The first key has expired before the last was stored');
  }
  await delay(left - 100);
  const pauses = new PauseWatch();
  await delay(100 + SPAN + MARGIN);
  const { longestGap, longestDelay } = pauses.stop();
  if (usedBytes() - before > bytes / 10) {
    throw new Error('The expired keys were not removed');
  }
  return { bytesPerKey: bytes / KEYS, longestGap, longestDelay };
});

/**
 * @param {Awaited<ReturnType<Store['open']>>} store
 * @param {number} firstExpiresAt
 */
async function fill(store, firstExpiresAt) {
  for (let first = 0; first < KEYS; first += AT_ONCE) {
    const ttl = firstExpiresAt + (first / KEYS) * SPAN - performance.now();
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) =>
        store(
          `session:${first + index}`,
          { user: first + index, roles: ['member'] },
          Math.max(1, Math.round(ttl)),
        ),
      ),
    );
  }
}

function usedBytes() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
