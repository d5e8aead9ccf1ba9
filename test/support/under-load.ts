import type { Application } from './application.js';
import { Load, type LoadReport } from './load.js';

/** The report of a run in which every request was answered. */
export const NOTHING_LOST = { refused: 0, cut: 0, hung: 0, failed: 0, errors: [] };

/** Runs a scenario on an application under load. The load ends afterwards. */
export async function underLoad(
  app: Application,
  ordeal: () => Promise<void>,
  clients = { keepAlive: 8, oneShot: 8 },
): Promise<LoadReport> {
  const load = new Load(app.url('/hello'), clients);
  await load.untilAnswered(50);
  try {
    await ordeal();
    await load.untilAnswered(load.report.answered + 50);
  } finally {
    await load.stop();
  }
  return load.report;
}
