import { memoryCandidates, redisCandidates, redisSetting } from './bus-candidates.mjs';
import { busRounds } from './bus-rounds.mjs';
import { startRedis } from './redis.mjs';

/**
 * Measures the bus of two workers in memory, and then on Redis.
 *
 * @template Result
 * @param {object} plan
 * @param {number} plan.count number of rounds
 * @param {(step: string) => void} plan.progress
 * @param {(cluster: import('./bus-cluster.mjs').BusCluster, round: number) => Promise<Result>} plan.measure
 * @returns {Promise<{ results: { name: string, samples: Result[] }[], setting: string }>}
 */
export async function onBothBackends({ count, progress, measure }) {
  const redis = await startRedis();
  try {
    const results = [];
    for (const backend of [
      { name: 'in memory', start: memoryCandidates(2).ours },
      { name: 'through Redis', start: redisCandidates(redis).ours, redis },
    ]) {
      const samples = await busRounds({
        count,
        progress: step => progress(`${backend.name}, ${step}`),
        redis: backend.redis,
        starts: [backend.start],
        measure: ([cluster], round) => measure(cluster, round),
      });
      results.push({ name: backend.name, samples });
    }
    return { results, setting: redisSetting(redis) };
  } finally {
    await redis.stop();
  }
}
