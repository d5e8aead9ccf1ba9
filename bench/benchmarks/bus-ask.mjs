import { memoryCandidates, redisCandidates, redisSetting } from '../support/bus-candidates.mjs';
import { busRounds } from '../support/bus-rounds.mjs';
import { startRedis } from '../support/redis.mjs';
import { takeTurns } from '../support/turns.mjs';

const ROUNDS = 5;
const IN_FLIGHT = 100;
const SCHEDULE = { turns: 4, turnMilliseconds: 250, warmupMilliseconds: 800 };

/**
 * How often a second a worker can ask all workers, and have their answers.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function busAsk(progress) {
  const redis = await startRedis();
  try {
    /** @type {import('../support/report.mjs').Row[]} */
    const rows = [];
    for (const backend of [
      { name: 'in memory', start: memoryCandidates(2).ours },
      { name: 'through Redis', start: redisCandidates(redis).ours, redis },
    ]) {
      const samples = await busRounds({
        count: ROUNDS,
        progress: step => progress(`${backend.name}, ${step}`),
        redis: backend.redis,
        starts: [backend.start],
        measure: ([cluster], round) =>
          takeTurns({ one: cluster.asks(1), many: cluster.asks(IN_FLIGHT) }, SCHEDULE, round),
      });
      const row = (/** @type {string} */ name, /** @type {number[]} */ values) => ({
        name: `${backend.name}, ${name}`,
        unit: 'asks/s',
        values,
      });
      rows.push(
        row(
          'one at a time',
          samples.map(({ one }) => one),
        ),
        row(
          `${IN_FLIGHT} in flight`,
          samples.map(({ many }) => many),
        ),
      );
    }
    return {
      title: 'questions to all workers',
      notes: [
        `${ROUNDS} rounds of new processes, in turns of ${SCHEDULE.turnMilliseconds} ms. ${redisSetting(redis)}`,
        'Asked by one of 2 workers, answered by both, which is seen to. 200 bytes each.',
      ],
      rows,
    };
  } finally {
    await redis.stop();
  }
}
