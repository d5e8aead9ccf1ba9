import { memoryCandidates } from '../support/bus-candidates.mjs';
import { busRounds } from '../support/bus-rounds.mjs';
import { installPeers, peerVersion } from '../support/peers.mjs';
import { takeTurns } from '../support/turns.mjs';

const ROUNDS = 7;
/** Number of workers, and the target. */
const CASES = [
  { workers: 2, target: { atLeast: 2.5 } },
  { workers: 4, target: { atLeast: 3 } },
];
const IN_FLIGHT = 1000;
const SCHEDULE = { turns: 6, turnMilliseconds: 250, warmupMilliseconds: 800 };

/**
 * Events per second to all other workers, through the primary.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function busMemory(progress) {
  installPeers();
  /** @type {import('../support/report.mjs').Row[]} */
  const rows = [];
  for (const { workers, target } of CASES) {
    const candidates = memoryCandidates(workers);
    const samples = await busRounds({
      count: ROUNDS,
      progress: step => progress(`${workers} workers, ${step}`),
      starts: [candidates.ours, candidates.socketIo],
      measure: (clusters, round) => {
        const [ours, theirs] = clusters.map(each => each.events('event', 'received', IN_FLIGHT));
        return takeTurns({ ours, theirs }, SCHEDULE, round);
      },
    });
    rows.push({
      name: `${workers} workers`,
      unit: 'events/s',
      values: samples.map(sample => sample.ours),
      base: samples.map(sample => sample.theirs),
      target,
    });
  }
  return {
    title: `events from a worker to all others, in memory, ÷ serverSideEmit() by @socket.io/cluster-adapter ${peerVersion('@socket.io/cluster-adapter')}`,
    notes: [
      `${ROUNDS} rounds of new processes, in turns of ${SCHEDULE.turnMilliseconds} ms. 200 bytes of JSON.`,
      `${IN_FLIGHT} in flight: published, and not yet received by the slowest of the others. It says so aside, since the peer's publisher is not told.`,
      'Counted is what was received by each of the others, all of it and in order, until the last was.',
    ],
    rows,
  };
}
