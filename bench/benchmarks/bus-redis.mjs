import { redisCandidates, redisSetting } from '../support/bus-candidates.mjs';
import { busRounds } from '../support/bus-rounds.mjs';
import { startRedis } from '../support/redis.mjs';
import { takeTurns } from '../support/turns.mjs';

const ROUNDS = 7;
const IN_FLIGHT = 1000;
const SCHEDULE = { turns: 6, turnMilliseconds: 250, warmupMilliseconds: 800 };

/**
 * Events per second through Redis, from one process to the others.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function busRedis(progress) {
  const redis = await startRedis();
  try {
    const candidates = redisCandidates(redis);
    const samples = await busRounds({
      count: ROUNDS,
      progress,
      redis,
      starts: [candidates.ours, candidates.plain, candidates.pipelined],
      measure: (clusters, round) => {
        const [ours, plain, pipelined] = clusters.map(each =>
          each.events('event', 'settled', IN_FLIGHT),
        );
        return takeTurns({ ours, plain, pipelined }, SCHEDULE, round);
      },
    });
    const row = (/** @type {'plain' | 'pipelined'} */ base) => ({
      unit: 'events/s',
      values: samples.map(sample => sample.ours),
      base: samples.map(sample => sample[base]),
    });
    return {
      title: 'events through Redis ÷ pub/sub by ioredis',
      notes: [
        `${ROUNDS} rounds of new processes, in turns of ${SCHEDULE.turnMilliseconds} ms. ${redisSetting(redis)}`,
        `From one worker to the other, ${IN_FLIGHT} calls of publish() in flight. Counted is what was received, all of it and in order, until the last was.`,
        '200 bytes of JSON; the peer with JSON.stringify and JSON.parse, and a connection each for publishing and for the subscription. Auto-pipelining: of ioredis, enableAutoPipelining.',
      ],
      rows: [
        { name: '1000 in flight', ...row('plain'), target: { atLeast: 3.5 } },
        { name: '1000 in flight ÷ auto-pipelining', ...row('pipelined') },
      ],
    };
  } finally {
    await redis.stop();
  }
}
