import { rateNotes, rateRows, requestRates, SERVER_CORE } from '../support/request-rates.mjs';
import { startServer } from '../support/server.mjs';

/**
 * Requests per second with this package and with the 20-line `node:cluster` program. Each has one worker, which
 * shares a core with its primary. The load generator has the other core.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function requests(progress) {
  const candidates = ['ours', 'bare'].map(
    app => () => startServer(app, { workers: 1, core: SERVER_CORE }),
  );
  const samples = await requestRates(candidates, progress);
  return {
    title: 'requests per second ÷ the same application with a 20-line node:cluster program',
    notes: rateNotes(),
    rows: rateRows(samples, 0.99),
  };
}
