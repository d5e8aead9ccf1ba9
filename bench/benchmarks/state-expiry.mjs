import { inTurn, rounds } from '../support/rounds.mjs';
import { runContest } from '../support/run-contest.mjs';

const ROUNDS = 5;
const STORES = ['ours', 'map'];
const LONGEST_PAUSE = { atMost: 20 };

/**
 * A million keys with a time to live in the memory of one process: the cost of each key, and the pauses of the event
 * loop when they expire.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function stateExpiry(progress) {
  const samples = await rounds(ROUNDS, progress, async round => {
    /** @type {Record<string, Record<string, number>>} */
    const sample = {};
    for (const store of inTurn(STORES, round)) {
      sample[store] = await runContest('expiry', {
        round,
        nodeArgs: ['--expose-gc'],
        args: [store],
      });
    }
    return sample;
  });
  const column = (/** @type {string} */ store, /** @type {string} */ figure) =>
    samples.map(sample => sample[store]?.[figure] ?? NaN);
  return {
    title: '1 million keys with a time to live, in the memory of one process',
    notes: [
      `${ROUNDS} rounds of new processes, one after the other. Keys such as session:123456, values such as {"user":123456,"roles":["member"]}, all of which expire within 3 s.`,
      'Pauses: the longest time in which the event loop was kept from going on, while all of them expired; as the process saw it, which looked each millisecond, and as monitorEventLoopDelay() did.',
      'Map: of JavaScript, with a setTimeout() for each key.',
    ],
    rows: [
      {
        name: 'bytes per key ÷ Map',
        unit: 'B',
        values: column('ours', 'bytesPerKey'),
        base: column('map', 'bytesPerKey'),
      },
      {
        name: 'longest pause',
        unit: 'ms',
        values: column('ours', 'longestGap'),
        target: LONGEST_PAUSE,
      },
      {
        name: 'longest pause, monitored',
        unit: 'ms',
        values: column('ours', 'longestDelay'),
        target: LONGEST_PAUSE,
      },
      { name: 'longest pause, Map', unit: 'ms', values: column('map', 'longestGap') },
      { name: 'longest pause, Map, monitored', unit: 'ms', values: column('map', 'longestDelay') },
    ],
  };
}
