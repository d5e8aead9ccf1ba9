import { rateNotes, rateRows, requestRates, SERVER_CORE } from '../support/request-rates.mjs';
import { startServer } from '../support/server.mjs';

/** Heartbeats with their statistics are on by default. Load shedding is not. */
const WATCHED = { CLUSTER_OVERLOAD_MAX_DELAY: '1000' };
const UNWATCHED = { CLUSTER_HEARTBEAT_INTERVAL: '0' };

/**
 * The cost of heartbeats and load shedding for requests.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function watching(progress) {
  const candidates = [WATCHED, UNWATCHED].map(
    env => () => startServer('ours', { workers: 1, core: SERVER_CORE, env }),
  );
  const samples = await requestRates(candidates, progress);
  return {
    title: 'requests per second, watched ÷ unwatched',
    notes: [
      ...rateNotes(),
      'Watched: heartbeats, statistics, and a valve for overload that never closes. Unwatched: without heartbeats.',
    ],
    rows: rateRows(samples, 0.99),
  };
}
