import { redisContest } from '../support/redis-contest.mjs';

const ROUNDS = 7;

/**
 * The cost of a counter in Redis: with many callers at once, and with one.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function stateCounters(progress) {
  const { column, setting } = await redisContest('counters', ROUNDS, progress);
  const perSecond = (/** @type {string} */ name) => column('many', name);
  const microseconds = (/** @type {string} */ name) => column('one', name).map(each => 1e6 / each);
  return {
    title: 'a counter in Redis ÷ INCR by ioredis, each on a connection of its own',
    notes: [
      setting,
      'Auto-pipelining: of ioredis, enableAutoPipelining. The others are as they come.',
    ],
    rows: [
      {
        name: '1000 in flight',
        unit: 'calls/s',
        values: perSecond('ours'),
        base: perSecond('plain'),
        target: { atLeast: 8 },
      },
      {
        name: '1000 in flight ÷ auto-pipelining',
        unit: 'calls/s',
        values: perSecond('ours'),
        base: perSecond('pipelined'),
      },
      {
        name: 'one caller, latency',
        unit: 'µs',
        values: microseconds('ours'),
        base: microseconds('plain'),
        target: { atMost: 1.25 },
      },
    ],
  };
}
