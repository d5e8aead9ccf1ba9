import { join } from 'node:path';
import { watchOthers } from '../support/noise.mjs';
import { benchRoot } from '../support/paths.mjs';
import { installPeers, peerVersion } from '../support/peers.mjs';
import { inTurn, rounds, withRunning } from '../support/rounds.mjs';
import { startServer } from '../support/server.mjs';
import { takeTurns } from '../support/turns.mjs';

const ROUNDS = 7;
const WORKERS = 1;
const IN_FLIGHT = 1000;
const SCHEDULE = { turns: 6, turnMilliseconds: 200, warmupMilliseconds: 800 };

/**
 * Increments per second of one worker in the memory of its primary.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function stateMemory(progress) {
  installPeers();
  const file = join(benchRoot, 'peers/rate-limiter-cluster.mjs');
  const starts = [
    () => startServer('counting', { workers: WORKERS }),
    () => startServer('rate-limiter-cluster', { workers: WORKERS, file }),
  ];
  const samples = await rounds(ROUNDS, progress, round =>
    withRunning(inTurn(starts, round), async servers => {
      const [ours, theirs] = inTurn(servers, round).map(counting);
      const pids = servers.flatMap(({ pid, workers }) => [pid, ...workers]);
      const noteOthers = watchOthers(pids);
      const perSecond = await takeTurns({ ours, theirs }, SCHEDULE, round);
      noteOthers(pids);
      return perSecond;
    }),
  );
  return {
    title: `increments per second of a worker, in the memory of its primary, ÷ RateLimiterCluster of rate-limiter-flexible ${peerVersion('rate-limiter-flexible')}`,
    notes: [
      `${WORKERS} worker with ${IN_FLIGHT} calls in flight, one counter: counter.increment() ÷ limiter.consume(key, 1). Counted in the worker.`,
      `${ROUNDS} rounds of new processes, in turns of ${SCHEDULE.turnMilliseconds} ms.`,
    ],
    rows: [
      {
        name: `${IN_FLIGHT} in flight`,
        unit: 'calls/s',
        values: samples.map(({ ours }) => ours),
        base: samples.map(({ theirs }) => theirs),
        target: { atLeast: 10 },
      },
    ],
  };
}

/**
 * @param {import('../support/server.mjs').Server} server with one worker
 * @returns {import('../support/turns.mjs').Candidate}
 */
function counting({ port }) {
  return async milliseconds => {
    const query = new URLSearchParams({
      inFlight: String(IN_FLIGHT),
      milliseconds: String(milliseconds),
    });
    const response = await fetch(`http://127.0.0.1:${port}/turn?${query}`);
    if (!response.ok) {
      throw new Error(`Counting ended with ${response.status}: ${await response.text()}`);
    }
    return /** @type {Promise<import('../support/turns.mjs').Turn>} */ (response.json());
  };
}
