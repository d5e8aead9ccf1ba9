import { peerVersion } from '../support/peers.mjs';
import { redisContest } from '../support/redis-contest.mjs';

const ROUNDS = 7;

/**
 * Storages of @nestjs/throttler in Redis with many requests at once: all with one key, and each with its own.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function stateThrottler(progress) {
  const { column, setting } = await redisContest('throttler', ROUNDS, progress);
  const row = (
    /** @type {string} */ name,
    /** @type {string} */ discipline,
    /** @type {number} */ atLeast,
  ) => ({
    name,
    unit: 'calls/s',
    values: column(discipline, 'ours'),
    base: column(discipline, 'theirs'),
    target: { atLeast },
  });
  return {
    title: `storage of @nestjs/throttler in Redis ÷ @nest-lab/throttler-storage-redis ${peerVersion('@nest-lab/throttler-storage-redis')}`,
    notes: [setting, '1000 calls in flight, with a limit of 100 per minute and a block.'],
    rows: [row('one key', 'oneKey', 3), row('1000 keys', 'manyKeys', 1.5)],
  };
}
