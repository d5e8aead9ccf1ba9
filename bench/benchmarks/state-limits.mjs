import { peerVersion } from '../support/peers.mjs';
import { redisContest } from '../support/redis-contest.mjs';

const ROUNDS = 7;
const TARGET = { atLeast: 2 };

/**
 * Rate limits in Redis with many callers at once: all on one limit, and each on its own.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function stateLimits(progress) {
  const { column, setting } = await redisContest('limits', ROUNDS, progress);
  const row = (/** @type {string} */ name, /** @type {string} */ discipline) => ({
    name,
    unit: 'calls/s',
    values: column(discipline, 'ours'),
    base: column(discipline, 'theirs'),
    target: TARGET,
  });
  return {
    title: `rate limits in Redis ÷ RateLimiterRedis of rate-limiter-flexible ${peerVersion('rate-limiter-flexible')}, with ioredis`,
    notes: [
      setting,
      '1000 calls in flight, of a limit that nobody reaches. Our window slides; theirs begins anew.',
    ],
    rows: [row('one key', 'oneKey'), row('1000 keys', 'manyKeys')],
  };
}
