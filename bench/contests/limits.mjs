/** Rate limits in Redis that are never reached: this package, and the RateLimiterRedis of rate-limiter-flexible. */
import { Redis } from 'ioredis';
import rateLimiterFlexible from 'rate-limiter-flexible';
import { contest } from '../support/contest.mjs';
import { importApp } from '../support/import-app.mjs';
import { oneAndManyKeys } from '../support/key-turns.mjs';

const IN_FLIGHT = 1000;
const LIMIT = 1_000_000_000;
const WINDOW_SECONDS = 60;
const SCHEDULE = { turns: 8, turnMilliseconds: 200, warmupMilliseconds: 400 };

const { openState } = await importApp('shared-state');
const { inFlight } = await importApp('in-flight');

await contest(async ({ redis, round }) => {
  const { state } = await openState(redis);
  const theirs = new rateLimiterFlexible.RateLimiterRedis({
    storeClient: new Redis(redis),
    keyPrefix: 'theirs',
    points: LIMIT,
    duration: WINDOW_SECONDS,
  });
  const options = { limit: LIMIT, window: WINDOW_SECONDS * 1000 };
  const candidates = (/** @type {(index: number) => string} */ keyOf) => ({
    ours: (/** @type {number} */ milliseconds) =>
      inFlight(IN_FLIGHT, milliseconds, index => state.rateLimit(keyOf(index), options)),
    theirs: (/** @type {number} */ milliseconds) =>
      inFlight(IN_FLIGHT, milliseconds, index => theirs.consume(keyOf(index), 1)),
  });
  return oneAndManyKeys(candidates, IN_FLIGHT, SCHEDULE, round);
});
