import { redisContest } from '../support/redis-contest.mjs';

const ROUNDS = 7;
const DELAY_MILLISECONDS = 0.5;
const TARGET = { atMost: 1.05 };

/** @type {[discipline: string, name: string][]} */
const OPERATIONS = [
  ['increment', 'increment ÷ INCR'],
  ['get', 'get ÷ GET'],
  ['set', 'set ÷ SET'],
  ['lock', 'lock and release ÷ redlock'],
];

/**
 * The time of one operation in a network, where it decides how many round trips there are.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function stateLatency(progress) {
  const { column, setting } = await redisContest('latency', ROUNDS, progress, DELAY_MILLISECONDS);
  const microseconds = (/** @type {string} */ discipline, /** @type {string} */ side) =>
    column(discipline, side).map(perSecond => 1e6 / perSecond);
  return {
    title: `one operation alone, through a proxy that adds ${DELAY_MILLISECONDS} ms, ÷ ioredis or redlock`,
    notes: [
      setting,
      `The proxy delays what clients send by ${DELAY_MILLISECONDS} ms. On loopback without it, microseconds of CPU time decide.`,
    ],
    rows: OPERATIONS.map(([discipline, name]) => ({
      name,
      unit: 'µs',
      values: microseconds(discipline, 'ours'),
      base: microseconds(discipline, 'theirs'),
      target: TARGET,
    })),
  };
}
