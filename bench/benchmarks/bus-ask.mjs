import { onBothBackends } from '../support/both-backends.mjs';
import { takeTurns } from '../support/turns.mjs';

const ROUNDS = 5;
const IN_FLIGHT = 100;
const SCHEDULE = { turns: 4, turnMilliseconds: 250, warmupMilliseconds: 800 };

/**
 * Requests per second of one worker to all workers, with all answers.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function busAsk(progress) {
  const { results, setting } = await onBothBackends({
    count: ROUNDS,
    progress,
    measure: (cluster, round) =>
      takeTurns({ one: cluster.asks(1), many: cluster.asks(IN_FLIGHT) }, SCHEDULE, round),
  });
  return {
    title: 'requests to all workers',
    notes: [
      `${ROUNDS} rounds of new processes, in turns of ${SCHEDULE.turnMilliseconds} ms. ${setting}`,
      'Asked by one of 2 workers, answered by both, which is seen to. 200 bytes each.',
    ],
    rows: results.flatMap(({ name, samples }) => [
      { name: `${name}, one at a time`, unit: 'asks/s', values: samples.map(({ one }) => one) },
      {
        name: `${name}, ${IN_FLIGHT} in flight`,
        unit: 'asks/s',
        values: samples.map(({ many }) => many),
      },
    ]),
  };
}
