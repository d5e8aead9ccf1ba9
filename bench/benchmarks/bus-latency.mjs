import { redisCandidates, redisSetting } from '../support/bus-candidates.mjs';
import { busRounds } from '../support/bus-rounds.mjs';
import { startRedis } from '../support/redis.mjs';
import { percentile } from '../support/statistics.mjs';
import { takeTurns } from '../support/turns.mjs';

const ROUNDS = 7;
const SCHEDULE = { turns: 8, turnMilliseconds: 250, warmupMilliseconds: 2000 };
const PERCENTILES = [{ share: 0.5, target: { atMost: 1.15 } }, { share: 0.95 }, { share: 0.99 }];

/**
 * The latency of one event through Redis, from one process to another.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function busLatency(progress) {
  const redis = await startRedis();
  try {
    const { ours, plain } = redisCandidates(redis);
    const samples = await busRounds({
      count: ROUNDS,
      progress,
      redis,
      starts: [ours, plain],
      measure: latencies,
    });
    const column = (/** @type {'ours' | 'plain'} */ name, /** @type {number} */ share) =>
      samples.map(sample => percentile(sample[name], share));
    return {
      title: 'one event at a time through Redis ÷ pub/sub by ioredis',
      notes: [
        `${ROUNDS} rounds of new processes, in turns of ${SCHEDULE.turnMilliseconds} ms. ${redisSetting(redis)}`,
        'From one worker to the other and back, the next one after that. Each way counts: from before the event is made until its handler is called, by the monotonic clock that the processes of a machine share.',
        '200 bytes of JSON; the peer with JSON.stringify and JSON.parse, and a connection each for publishing and for the subscription.',
      ],
      rows: PERCENTILES.map(({ share, target }) => ({
        name: `p${share * 100}`,
        unit: 'µs',
        values: column('ours', share),
        base: column('plain', share),
        ...(target && { target }),
      })),
    };
  } finally {
    await redis.stop();
  }
}

/**
 * @param {readonly import('../support/bus-cluster.mjs').BusCluster[]} clusters
 * @param {number} round
 */
async function latencies([ours, plain], round) {
  /** @type {Record<'ours' | 'plain', number[][]>} of each turn */
  const turns = { ours: [], plain: [] };
  await takeTurns(
    { ours: ours.pingPong(turns.ours), plain: plain.pingPong(turns.plain) },
    SCHEDULE,
    round,
  );
  // The first turn is a warm-up.
  return { ours: turns.ours.slice(1).flat(), plain: turns.plain.slice(1).flat() };
}
