/** Storages of @nestjs/throttler in Redis: this package, and @nest-lab/throttler-storage-redis. */
import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import { contest } from '../support/contest.mjs';
import { importApp } from '../support/import-app.mjs';
import { oneAndManyKeys } from '../support/key-turns.mjs';

const IN_FLIGHT = 1000;
const LIMIT = 100;
const WINDOW = 60_000;
const SCHEDULE = { turns: 8, turnMilliseconds: 200, warmupMilliseconds: 400 };

const { openState } = await importApp('shared-state');
const { inFlight } = await importApp('in-flight');
const { ClusterThrottlerStorage } = await importApp('throttler');
const { ThrottlerStorageRedisService } = createRequire(import.meta.url)(
  '@nest-lab/throttler-storage-redis',
);

/**
 * @param {{ increment: (...hit: [string, number, number, number, string]) => Promise<unknown> }} storage
 * @param {string} key
 */
function hit(storage, key) {
  return storage.increment(key, WINDOW, LIMIT, WINDOW, 'default');
}

await contest(async ({ redis, round }) => {
  const { state } = await openState(redis);
  const ours = new ClusterThrottlerStorage(state);
  const theirs = new ThrottlerStorageRedisService(new Redis(redis));
  const candidates = (/** @type {(index: number) => string} */ keyOf) => ({
    ours: (/** @type {number} */ milliseconds) =>
      inFlight(IN_FLIGHT, milliseconds, index => hit(ours, keyOf(index))),
    theirs: (/** @type {number} */ milliseconds) =>
      inFlight(IN_FLIGHT, milliseconds, index => hit(theirs, keyOf(index))),
  });
  return oneAndManyKeys(candidates, IN_FLIGHT, SCHEDULE, round);
});
