import { reusePortProblem } from '../../build/config/reuse-port-support.js';
import { startPm2 } from '../peers/pm2.mjs';
import { installWatt, startWatt, wattVersion } from '../peers/watt.mjs';
import { iterationsFor } from '../support/calibrate.mjs';
import { LoadGenerator } from '../support/load.mjs';
import { measure } from '../support/measure.mjs';
import { installPeers, peerVersion } from '../support/peers.mjs';
import { inTurn, rounds, withRunning } from '../support/rounds.mjs';
import { startServer } from '../support/server.mjs';
import { median } from '../support/statistics.mjs';

const ROUNDS = 5;
const WORKERS = 2;
const CPU_MILLISECONDS = 2;
const TURNS = { turns: 3, turnMilliseconds: 400 };
const PACED_MILLISECONDS = 1_500;
/** The share of the requests per second at saturation at which latencies are measured. */
const SHARE = 0.6;

const TITLE = `the same application with ${WORKERS} workers ÷ the faster one of PM2 and Platformatic Watt`;

const ADAPTERS = /** @type {const} */ (['express', 'fastify']);
const LOADS = [
  { name: 'kept alive', path: '/hello', connections: 32, keepAlive: true },
  { name: 'one-shot', path: '/hello', connections: 16, keepAlive: false },
  { name: 'kept alive, 2 ms of CPU', path: '/work', connections: 8, keepAlive: true },
  { name: 'one-shot, 2 ms of CPU', path: '/work', connections: 8, keepAlive: false },
];

/**
 * @typedef {'round-robin' | 'reuse-port' | 'pm2' | 'watt'} Name
 * @typedef {{ perSecond: number, p50: number, p99: number }} Result
 * @typedef {Record<string, Partial<Record<Name, Result>>>} Sample by column
 */

/** @type {readonly Name[]} */
const OURS = ['round-robin', 'reuse-port'];
/** @type {readonly Name[]} */
const PEERS = ['pm2', 'watt'];

/**
 * The same application with this package, in PM2's cluster mode, and in Platformatic Watt.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function managers(progress) {
  if (reusePortProblem(process.versions.node, process.platform)) {
    return { title: TITLE, notes: ['Not measured: it needs Linux and Node >= 22.19.'], rows: [] };
  }
  installPeers();
  installWatt();
  const iterations = await iterationsFor(CPU_MILLISECONDS);
  const generator = new LoadGenerator();
  try {
    const samples = await rounds(ROUNDS, progress, async round => {
      /** @type {Sample} */
      const sample = {};
      for (const adapter of ADAPTERS) {
        const env = { BENCH_ADAPTER: adapter, BENCH_ITERATIONS: String(iterations) };
        await compare(adapter, env, { generator, round, sample });
      }
      return sample;
    });
    return report(samples);
  } finally {
    await generator.stop();
  }
}

/**
 * @param {string} adapter
 * @param {NodeJS.ProcessEnv} env
 * @param {{ generator: LoadGenerator, round: number, sample: Sample }} context
 */
async function compare(adapter, env, { generator, round, sample }) {
  const names = inTurn([...OURS, ...PEERS], round);
  const starts = names.map(name => () => startManager(name, env));
  await withRunning(starts, async servers => {
    for (const { name: column, ...load } of LOADS) {
      await measure(generator, servers, { ...load, turns: 1, turnMilliseconds: 800 });
      const rates = await measure(generator, servers, { ...load, ...TURNS });
      /** @type {Partial<Record<Name, Result>>} */
      const results = {};
      for (const [index, name] of names.entries()) {
        const perSecond = rates[index]?.perSecond ?? NaN;
        const { p50, p99 } = await generator.pace({
          port: servers[index]?.port ?? NaN,
          path: load.path,
          keepAlive: load.keepAlive,
          perSecond: perSecond * SHARE,
          milliseconds: PACED_MILLISECONDS,
        });
        results[name] = { perSecond, p50, p99 };
      }
      sample[`${adapter}, ${column}`] = results;
    }
  });
}

/**
 * @param {Name} name
 * @param {NodeJS.ProcessEnv} env
 */
function startManager(name, env) {
  if (name === 'pm2') {
    return startPm2(WORKERS, undefined, env);
  }
  return name === 'watt'
    ? startWatt(WORKERS, env)
    : startServer('ours', { workers: WORKERS, env: { ...env, CLUSTER_SCHEDULING: name } });
}

/** @param {readonly Sample[]} samples */
function report(samples) {
  const titles = { pm2: `PM2 ${peerVersion('pm2')}`, watt: `Watt ${wattVersion()}` };
  const rows = Object.keys(samples[0] ?? {}).flatMap(column => {
    const values = (/** @type {Name} */ name, /** @type {keyof Result} */ what) =>
      samples.map(sample => sample[column]?.[name]?.[what] ?? NaN);
    const best = (/** @type {readonly Name[]} */ names) =>
      names.toSorted(
        (a, b) => median(values(b, 'perSecond')) - median(values(a, 'perSecond')),
      )[0] ?? 'pm2';
    const peer = /** @type {'pm2' | 'watt'} */ (best(PEERS));
    const ours = best(OURS);
    const row = (/** @type {Name} */ name, /** @type {keyof Result} */ what) => ({
      name: `${column}: ${what === 'perSecond' ? '' : `${what}, `}${name} ÷ ${titles[peer]}`,
      unit: what === 'perSecond' ? 'req/s' : 'ms',
      values: values(name, what),
      base: values(peer, what),
    });
    return [
      { ...row(ours, 'perSecond'), target: { atLeast: 1 } },
      ...(ours === 'round-robin' ? [] : [row('round-robin', 'perSecond')]),
      row(ours, 'p50'),
      row(ours, 'p99'),
    ];
  });
  return {
    title: TITLE,
    notes: [
      `GET /hello, or ${CPU_MILLISECONDS} ms of CPU per request. Of our policies, the faster one is named; round-robin is the default.`,
      `Saturation: in turns of ${TURNS.turnMilliseconds} ms. Latencies: at ${SHARE * 100} % of the requests per second of the same candidate.`,
      `${ROUNDS} rounds of new processes. The load generator shares the cores.`,
    ],
    rows,
  };
}
