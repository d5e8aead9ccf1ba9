import { watchOthers } from './noise.mjs';
import { inTurn, rounds, withRunning } from './rounds.mjs';

/**
 * Measures candidates side by side in several rounds, with new processes in each round.
 *
 * @template Result
 * @param {object} plan
 * @param {number} plan.count number of rounds
 * @param {(step: string) => void} plan.progress
 * @param {import('./redis.mjs').BenchRedis} [plan.redis] the server that they share
 * @param {readonly (() => Promise<import('./bus-cluster.mjs').BusCluster>)[]} plan.starts
 * @param {(clusters: readonly import('./bus-cluster.mjs').BusCluster[], round: number) => Promise<Result>} plan.measure
 *   gets the candidates in the order of `starts`
 * @returns {Promise<Result[]>}
 */
export function busRounds({ count, progress, redis, starts, measure }) {
  return rounds(count, progress, round =>
    withRunning(inTurn(starts, round), async clusters => {
      const pids = [...(redis ? [redis.pid] : []), ...clusters.flatMap(cluster => cluster.pids)];
      const noteOthers = watchOthers(pids);
      const result = await measure(inTurn(clusters, round), round);
      noteOthers(pids);
      return result;
    }),
  );
}
