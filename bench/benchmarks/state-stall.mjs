import { rounds } from '../support/rounds.mjs';
import { runContest } from '../support/run-contest.mjs';

const ROUNDS = 5;
const COUNTS = [2_000, 20_000, 200_000];

/**
 * The pause of the event loop when many pending calls expire, because the backend does not answer.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function stateStall(progress) {
  const samples = await rounds(ROUNDS, progress, async round => {
    /** @type {Record<string, { longestGap: number, longestDelay: number }>} */
    const sample = {};
    for (const count of COUNTS) {
      sample[count] = await runContest('stalled', { round, args: [String(count)] });
    }
    return sample;
  });
  return {
    title: 'the longest iteration of the event loop while pending increments expire',
    notes: [
      `${ROUNDS} rounds of new processes. All calls are made in one turn, and expire 3 s later. From the turn after until the last caller has been told.`,
      'As the process saw it, which looked each millisecond; and as monitorEventLoopDelay() did.',
    ],
    rows: COUNTS.flatMap(count => {
      const target = count <= 20_000 ? { target: { atMost: 50 } } : {};
      const column = (/** @type {'longestGap' | 'longestDelay'} */ figure) =>
        samples.map(sample => sample[count]?.[figure] ?? NaN);
      return [
        { name: `${count} calls`, unit: 'ms', values: column('longestGap'), ...target },
        { name: `${count} calls, monitored`, unit: 'ms', values: column('longestDelay') },
      ];
    }),
  };
}
