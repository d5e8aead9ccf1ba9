import { onBothBackends } from '../support/both-backends.mjs';
import { takeTurns } from '../support/turns.mjs';

const ROUNDS = 5;
const IN_FLIGHT = 1000;
const SCHEDULE = { turns: 6, turnMilliseconds: 250, warmupMilliseconds: 800 };

/**
 * The cost of durable events.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function busKept(progress) {
  const { results, setting } = await onBothBackends({
    count: ROUNDS,
    progress,
    measure: (cluster, round) =>
      takeTurns(
        {
          kept: cluster.events('kept', 'received', IN_FLIGHT),
          plain: cluster.events('event', 'received', IN_FLIGHT),
        },
        SCHEDULE,
        round,
      ),
  });
  return {
    title: 'events of a durable topic ÷ those of a plain one',
    notes: [
      `${ROUNDS} rounds of new processes, in turns of ${SCHEDULE.turnMilliseconds} ms. ${setting}`,
      `From one of 2 workers to the other, ${IN_FLIGHT} of 200 bytes that it has not received on their way. Counted is what was received, all of it and in order, until the last was.`,
    ],
    rows: results.map(({ name, samples }) => ({
      name,
      unit: 'events/s',
      values: samples.map(({ kept }) => kept),
      base: samples.map(({ plain }) => plain),
    })),
  };
}
