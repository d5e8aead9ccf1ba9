import { peerVersion } from '../support/peers.mjs';
import { redisContest } from '../support/redis-contest.mjs';

const ROUNDS = 7;

/**
 * Near caches: a hit beside a `Map`, and the mix of a read-heavy application beside a cache without copies.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function stateCache(progress) {
  const { column, setting } = await redisContest('near-cache', ROUNDS, progress);
  return {
    title: 'near caches on Redis ÷ a Map (hits), or @keyv/redis (mix)',
    notes: [
      setting,
      `Hits: \`await cache.get()\` ÷ \`JSON.parse(map.get())\` of the same value of 160 bytes. Mix: 4 caches in one process, 64 calls in flight on 1000 keys, 95 % reads, ÷ @keyv/redis ${peerVersion('@keyv/redis')} in the same way.`,
    ],
    rows: [
      {
        name: 'hits',
        unit: 'calls/s',
        values: column('hits', 'ours'),
        base: column('hits', 'theirs'),
        target: { atLeast: 0.5 },
      },
      {
        name: 'mix',
        unit: 'calls/s',
        values: column('mix', 'ours'),
        base: column('mix', 'theirs'),
        target: { atLeast: 20 },
      },
    ],
  };
}
