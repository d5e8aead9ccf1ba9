import { inTurn, rounds } from '../support/rounds.mjs';
import { startWatched } from '../support/watched-application.mjs';

const ROUNDS = 9;
const WORKERS = 2;
const PATIENCE_MILLISECONDS = 30_000;

/**
 * The time for which a crashed worker is missing, with a spare and without.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function spare(progress) {
  /** @type {[name: string, spares: number][]} */
  const candidates = [
    ['with', 1],
    ['without', 0],
  ];
  const samples = await rounds(ROUNDS, progress, async round => {
    /** @type {Record<string, number>} */
    const sample = {};
    for (const [name, spares] of inTurn(candidates, round)) {
      sample[name] = await shortOfOne(spares);
    }
    return sample;
  });
  const column = (/** @type {string} */ name) => samples.map(sample => sample[name] ?? NaN);
  return {
    title: 'from a crash until all workers are ready, with a spare ÷ without',
    notes: [
      `Express, ${WORKERS} workers, one of which is killed with SIGKILL; by the primary's events, from workerExited to workerReady.`,
      `${ROUNDS} rounds of new processes, one crash each. Without a spare, the time includes the random delay before a restart, up to 100 ms.`,
    ],
    rows: [
      {
        name: 'back to full capacity',
        unit: 'ms',
        values: column('with'),
        base: column('without'),
        target: { atMost: 0.1 },
      },
    ],
  };
}

/**
 * @param {number} spares
 * @returns {Promise<number>} milliseconds from the crash until the number of ready workers is the same as before
 */
async function shortOfOne(spares) {
  const { app, stop } = await startWatched({
    workers: WORKERS,
    env: { CLUSTER_SPARE: String(spares) },
  });
  try {
    await app.until(
      () => app.workers.standby.length === spares,
      PATIENCE_MILLISECONDS,
      'a spare stood by',
    );
    const [victim] = app.workers.ready;
    let exitedAt = NaN;
    let readyAt = NaN;
    const recovered = app.until(
      event => {
        if (event?.type === 'workerExited' && event.pid === victim) {
          exitedAt = event.at;
        } else if (event?.type === 'workerReady' && !Number.isNaN(exitedAt)) {
          readyAt = event.at;
        }
        return !Number.isNaN(readyAt);
      },
      PATIENCE_MILLISECONDS,
      'the worker had been replaced',
    );
    process.kill(/** @type {number} */ (victim), 'SIGKILL');
    await recovered;
    return readyAt - exitedAt;
  } finally {
    await stop();
  }
}
