import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { startPm2 } from '../peers/pm2.mjs';
import { CountingLoad } from '../support/counting-load.mjs';
import { installPeers, peerVersion } from '../support/peers.mjs';
import { canPin } from '../support/pinning.mjs';
import { inTurn, rounds } from '../support/rounds.mjs';
import { ChaosRunner, Kills } from '../support/verify-tool.mjs';
import { startWatched } from '../support/watched-application.mjs';

const ROUNDS = 5;
const WORKERS = 2;
const RELOADS = 3;
const RELOAD_MILLISECONDS = 60_000;
const WARMUP_MILLISECONDS = 2_000;
const REST_MILLISECONDS = 3_000;
/** Milliseconds until the replaced workers have exited, before the next reload. */
const BETWEEN_MILLISECONDS = 2_000;

const PLAN = { patience: 20_000, path: '/hello', keepAlive: 32, oneShot: 0, pause: 20 };

/** The last core. On a machine with two cores, an application on both shares it. */
const GENERATOR_CORE = availableParallelism() - 1;

/**
 * Where primary and workers run. While a worker starts on one core, nobody else can serve requests; on two cores, the
 * other worker can.
 */
const LAYOUTS = [
  { name: 'one core', cores: 0 },
  ...(canPin ? [{ name: 'two cores', cores: '0-1' }] : []),
];

/**
 * @typedef {object} Reloadable
 * @property {number} port
 * @property {() => Promise<void>} reload
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} Sample
 * @property {number} requests
 * @property {number} failures
 * @property {number} atRest p99, in milliseconds
 * @property {number} duringReloads p99, in milliseconds
 * @property {number} reloadMilliseconds
 */

/**
 * The effect of reloads on the requests of an application under load, here and in PM2's cluster mode.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function reload(progress) {
  installPeers();
  /** @type {[name: string, start: () => Promise<Reloadable>][]} */
  const candidates = LAYOUTS.flatMap(({ name, cores }) => [
    [`ours, ${name}`, () => startOurs(cores)],
    [`pm2, ${name}`, () => startPm2(WORKERS, cores)],
  ]);
  const samples = await rounds(ROUNDS, progress, async round => {
    /** @type {Record<string, Sample>} */
    const sample = {};
    for (const [name, start] of inTurn(candidates, round)) {
      sample[name] = await reloadUnderLoad(await start());
    }
    return sample;
  });
  return report(samples);
}

/**
 * @param {number | string} cores
 * @returns {Promise<Reloadable>}
 */
async function startOurs(cores) {
  const { app, port, stop } = await startWatched({ workers: WORKERS, core: cores });
  const chaosRunner = new ChaosRunner(app, { phase: 'rest' }, new Kills(), RELOAD_MILLISECONDS);
  return {
    port,
    stop,
    reload: async () => {
      await chaosRunner.disturb('reload');
      const last = chaosRunner.reloads.at(-1);
      if (last?.outcome !== 'done') {
        throw new Error(`A reload failed: ${JSON.stringify(last)}`);
      }
    },
  };
}

/**
 * @param {Reloadable} server
 * @returns {Promise<Sample>}
 */
async function reloadUnderLoad(server) {
  const load = new CountingLoad(`http://127.0.0.1:${server.port}`, PLAN, GENERATOR_CORE);
  try {
    await delay(WARMUP_MILLISECONDS);
    load.enter('rest');
    await delay(REST_MILLISECONDS);
    let reloadMilliseconds = 0;
    for (let count = 0; count < RELOADS; count++) {
      load.enter('reload');
      const begunAt = performance.now();
      await server.reload();
      reloadMilliseconds += performance.now() - begunAt;
      load.enter('other');
      await delay(BETWEEN_MILLISECONDS);
    }
    const { answered, failures, atRest, duringReloads } = countsOf(await load.counts());
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
    return {
      requests: answered + failed,
      failures: failed,
      atRest: atRest.p99 ?? NaN,
      duringReloads: duringReloads.p99 ?? NaN,
      reloadMilliseconds: reloadMilliseconds / RELOADS,
    };
  } finally {
    await load.stop();
    await server.stop();
  }
}

/** @param {Partial<Record<string, import('../support/counting-load.mjs').Counts>>} counts */
function countsOf({ 'keep-alive': counts }) {
  if (!counts) {
    throw new Error('The load generator has counted no requests');
  }
  return counts;
}

/** @param {Record<string, Sample>[]} samples */
function report(samples) {
  const peer = `PM2 ${peerVersion('pm2')}`;
  const total = (/** @type {string} */ name) =>
    LAYOUTS.flatMap(layout => column(samples, `${name}, ${layout.name}`, 'requests')).reduce(
      (sum, count) => sum + count,
      0,
    );
  return {
    title: `requests of an application with ${WORKERS} workers while it is reloaded`,
    notes: [
      `Express, GET /hello, ${PLAN.keepAlive} connections that are kept; half of them are idle for up to ${PLAN.pause} ms between requests.`,
      `${ROUNDS} rounds of new processes, ${RELOADS} reloads each. Failed requests: of ${total('ours')} here and ${total('pm2')} of ${peer}.`,
      `${peer}: --wait-ready, process.send('ready') and enableShutdownHooks(), as its users write it; its time includes that of the command "pm2 reload".`,
      'p99 during reloads ÷ at rest: of the same processes before the first reload.',
      canPin
        ? `Pinned: all of the application to core 0, or to cores 0 and 1; the load generator to core ${GENERATOR_CORE}.`
        : 'Not pinned, because taskset or a second core is missing: the load generator uses the same cores.',
    ],
    rows: LAYOUTS.flatMap(({ name }) => rowsOf(samples, name, peer)),
  };
}

/**
 * @param {Record<string, Sample>[]} samples
 * @param {string} layout
 * @param {string} peer
 */
function rowsOf(samples, layout, peer) {
  const [ours, pm2] = [`ours, ${layout}`, `pm2, ${layout}`];
  const slower = (/** @type {string} */ name) => ({
    unit: 'ms',
    values: column(samples, name, 'duringReloads'),
    base: column(samples, name, 'atRest'),
  });
  const beside = (/** @type {keyof Sample} */ value) => ({
    unit: 'ms',
    values: column(samples, ours, value),
    base: column(samples, pm2, value),
  });
  // The targets are for one core.
  const target = (/** @type {number} */ atMost) =>
    layout === LAYOUTS[0]?.name ? { target: { atMost } } : {};
  return [
    {
      name: `${layout}: failed requests per round`,
      unit: '',
      values: column(samples, ours, 'failures'),
      target: { atMost: 0 },
    },
    { name: `… ${peer}`, unit: '', values: column(samples, pm2, 'failures') },
    { name: `${layout}: p99 during reloads ÷ at rest`, ...slower(ours), ...target(2) },
    { name: `… ${peer}`, ...slower(pm2) },
    { name: `${layout}: p99 at rest ÷ ${peer}`, ...beside('atRest') },
    { name: `${layout}: p99 during reloads ÷ ${peer}`, ...beside('duringReloads'), ...target(0.8) },
    { name: `${layout}: duration of a reload ÷ ${peer}`, ...beside('reloadMilliseconds') },
  ];
}

/**
 * @param {Record<string, Sample>[]} samples
 * @param {string} name
 * @param {keyof Sample} value
 */
function column(samples, name, value) {
  return samples.map(sample => sample[name]?.[value] ?? NaN);
}
