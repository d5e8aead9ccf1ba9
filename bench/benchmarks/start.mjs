import nodeModule from 'node:module';
import { inTurn, rounds } from '../support/rounds.mjs';
import { EARLY, startServer } from '../support/server.mjs';
import { temporaryDirectory } from '../support/temporary-directory.mjs';

const ROUNDS = 9;
const WORKERS = 2;
const HAS_COMPILE_CACHE = 'enableCompileCache' in nodeModule;

/**
 * The time from the spawn until every worker has written to standard output that it listens. A cold start has an
 * empty cache directory, and so an empty compile cache. A second start has the directory of an earlier start.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function start(progress) {
  const used = await temporaryDirectory();
  try {
    await startIn(used.path, 'ours');
    /** @type {[name: string, start: () => Promise<number>][]} */
    const candidates = [
      ['ours', () => startCold('ours')],
      ['bare', () => startCold('bare')],
      ['lazy', () => startCold('bare-lazy')],
      ['second', () => startIn(used.path, 'ours')],
      ...(HAS_COMPILE_CACHE
        ? [/** @type {[string, () => Promise<number>]} */ (['uncached', startUncached])]
        : []),
      ['large', () => startCold('large-ours')],
      ['largeEarly', () => startCold('large-ours', EARLY)],
      ['largeBare', () => startCold('large-bare')],
      ['largeLazy', () => startCold('large-bare-lazy')],
    ];
    const samples = await rounds(ROUNDS, progress, async round => {
      /** @type {Record<string, number>} */
      const sample = {};
      for (const [name, run] of inTurn(candidates, round)) {
        sample[name] = await run();
      }
      return sample;
    });
    return report(samples);
  } finally {
    await used.remove();
  }
}

/** @param {Record<string, number>[]} samples */
function report(samples) {
  const column = (/** @type {string} */ name) => samples.map(sample => sample[name] ?? NaN);
  const row = (/** @type {string} */ name, /** @type {string} */ value, base = 'bare') => ({
    name,
    unit: 'ms',
    values: column(value),
    base: column(base),
  });
  return {
    title: `start until ${WORKERS} workers listen ÷ the same main.ts with a 20-line node:cluster program`,
    notes: [
      `${ROUNDS} rounds. From the spawn until each worker has said that it listens.`,
      '200 modules: an application whose modules take 0.4 s of CPU time to load. nestjs-cluster start: its primary does not load the application, and CLUSTER_WORKERS is set.',
      'Bare, lazy: imports the application in its workers alone; its primary loads neither it nor Nest.',
      HAS_COMPILE_CACHE
        ? 'Second start: with the compile cache that an earlier start has left. All others start with an empty one, and fill it.'
        : 'This version of Node has no compile cache: a second start is like the first.',
    ],
    rows: [
      { ...row('nestjs-cluster', 'ours'), target: { atMost: 1.02 } },
      row('nestjs-cluster, second start', 'second'),
      ...(HAS_COMPILE_CACHE ? [row('nestjs-cluster, without compile cache', 'uncached')] : []),
      row('bare, lazy', 'lazy'),
      { ...row('200 modules', 'large', 'largeBare'), target: { atMost: 1.02 } },
      {
        ...row('200 modules, nestjs-cluster start', 'largeEarly', 'largeBare'),
        target: { atMost: 0.7 },
      },
      {
        ...row('200 modules, nestjs-cluster start ÷ bare, lazy', 'largeEarly', 'largeLazy'),
        target: { atMost: 1.05 },
      },
    ],
  };
}

/**
 * @param {string} app
 * @param {readonly string[]} [nodeArgs]
 */
async function startCold(app, nodeArgs) {
  const directory = await temporaryDirectory();
  try {
    return await startIn(directory.path, app, nodeArgs);
  } finally {
    await directory.remove();
  }
}

function startUncached() {
  return startIn('', 'ours', [], { NODE_DISABLE_COMPILE_CACHE: '1' });
}

/**
 * @param {string} directory for the user's caches
 * @param {string} app
 * @param {readonly string[]} [nodeArgs]
 * @param {NodeJS.ProcessEnv} [variables]
 */
async function startIn(directory, app, nodeArgs = [], variables = {}) {
  const env = { XDG_CACHE_HOME: directory, ...variables };
  const server = await startServer(app, { workers: WORKERS, env, nodeArgs });
  await server.stop();
  return server.startMilliseconds;
}
