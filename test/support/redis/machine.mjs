// @ts-check
import { packageMachine } from '../packages/package-machine.mjs';
import { pingRedis } from './ping-redis.mjs';
import { startRedis } from './start-redis.mjs';

/**
 * The machine that runs the tests.
 *
 * @type {import('./provide-redis.mjs').Machine}
 */
export const machine = {
  ...packageMachine,
  get redisUrl() {
    return process.env['TEST_REDIS_URL'];
  },
  get redisServer() {
    return process.env['TEST_REDIS_SERVER'];
  },
  ping: pingRedis,
  start: startRedis,
};
