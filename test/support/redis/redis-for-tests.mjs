// @ts-check
import { provideRedis } from './provide-redis.mjs';

/** @type {import('./provide-redis.mjs').ProvidedRedis | undefined} */
let redis;

/** @type {string | undefined} */
let givenUrl;

/** Provides a Redis server, and passes its URL to the test processes in `TEST_REDIS_URL`. */
export async function openRedis() {
  givenUrl = process.env['TEST_REDIS_URL'];
  redis = await provideRedis();
  process.env['TEST_REDIS_URL'] = redis.url;
}

/** Stops the server. In watch mode another run follows, which must not take it for a given one. */
export async function closeRedis() {
  await redis?.stop();
  redis = undefined;
  if (givenUrl === undefined) {
    delete process.env['TEST_REDIS_URL'];
  }
}
