import { reusePortProblem } from '../../build/config/reuse-port-support.js';
import { LoadGenerator } from '../support/load.mjs';
import { measure } from '../support/measure.mjs';
import { inTurn, rounds, withRunning } from '../support/rounds.mjs';
import { startServer } from '../support/server.mjs';

const ROUNDS = 9;
const WORKERS = 2;
const POLICIES = ['round-robin', 'shared', 'reuse-port'];
/** The 20-line program, whose workers listen with `reusePort`: what `reuse-port` costs without this package. */
const BARE_REUSE_PORT = 'bare with reusePort';
/** @type {Record<string, { atLeast: number }>} by policy and kind of load */
const TARGETS = {
  'round-robin, keep-alive': { atLeast: 0.99 },
  'round-robin, one-shot': { atLeast: 0.99 },
  'reuse-port, one-shot': { atLeast: 1.5 },
};
const HELLO = { path: '/hello', turnMilliseconds: 400 };
const LOADS = [
  { name: 'keep-alive', ...HELLO, connections: 32, keepAlive: true, turns: 3 },
  { name: 'one-shot', ...HELLO, connections: 16, keepAlive: false, turns: 3 },
];

/**
 * @typedef {Record<string, readonly import('../support/measure.mjs').Throughput[]>} Sample by kind of load: the results of
 *   all candidates, in their order
 */

/**
 * Requests per second with each kind of scheduling, and with the 20-line `node:cluster` program.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function scheduling(progress) {
  const hasReusePort = !reusePortProblem(process.versions.node, process.platform);
  const names = hasReusePort ? [...POLICIES, BARE_REUSE_PORT] : POLICIES.slice(0, -1);
  const generator = new LoadGenerator();
  const candidates = ['bare', ...names].map(name => () => startCandidate(name));
  try {
    const samples = await rounds(ROUNDS, progress, round =>
      withRunning(inTurn(candidates, round), async servers => {
        /** @type {Sample} */
        const sample = {};
        for (const { name, ...load } of LOADS) {
          await measure(generator, servers, { ...load, turns: 1, turnMilliseconds: 1_500 });
          sample[name] = inTurn(await measure(generator, servers, load), round);
        }
        return sample;
      }),
    );
    return report(names, samples);
  } finally {
    await generator.stop();
  }
}

/** @param {string} name */
function startCandidate(name) {
  if (name === 'bare') {
    return startServer('bare', { workers: WORKERS });
  }
  return name === BARE_REUSE_PORT
    ? startServer('bare', { workers: WORKERS, env: { BENCH_REUSE_PORT: '1' } })
    : startServer('ours', { workers: WORKERS, env: { CLUSTER_SCHEDULING: name } });
}

/**
 * @param {readonly string[]} names of the candidates after the base
 * @param {readonly Sample[]} samples
 */
function report(names, samples) {
  const column = (/** @type {string} */ load, /** @type {number} */ index) =>
    samples.map(sample => sample[load]?.[index]?.perSecond ?? NaN);
  return {
    title: `requests per second of ${WORKERS} workers ÷ the same application with a 20-line node:cluster program`,
    notes: [
      'Express, GET /hello. The load generator shares the cores.',
      ...LOADS.map(({ name, connections }) => `${name}: ${connections} connections at a time.`),
      `${ROUNDS} rounds of new processes, in turns of ${HELLO.turnMilliseconds} ms.`,
    ],
    rows: names.flatMap((name, place) =>
      LOADS.map(({ name: load }) => ({
        name: `${name}, ${load}`,
        unit: 'req/s',
        values: column(load, place + 1),
        base: column(load, 0),
        target: TARGETS[`${name}, ${load}`],
      })),
    ),
  };
}
