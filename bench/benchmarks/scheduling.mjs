import { reusePortProblem } from '../../build/config/reuse-port-support.js';
import { LoadGenerator } from '../support/load.mjs';
import { measure } from '../support/measure.mjs';
import { inTurn, rounds, withRunning } from '../support/rounds.mjs';
import { startServer } from '../support/server.mjs';

const ROUNDS = 9;
const WORKERS = 2;
const POLICIES = ['round-robin', 'shared', 'reuse-port'];
const HELLO = { path: '/hello', turnMilliseconds: 400 };
const KEEP_ALIVE = { ...HELLO, connections: 32, keepAlive: true, turns: 3 };
const ONE_SHOT = { ...HELLO, connections: 16, keepAlive: false, turns: 3 };

/**
 * Requests per second with each kind of scheduling.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function scheduling(progress) {
  const policies = reusePortProblem(process.versions.node, process.platform)
    ? POLICIES.filter(name => name !== 'reuse-port')
    : POLICIES;
  const generator = new LoadGenerator();
  const candidates = policies.map(
    name => () => startServer('ours', { workers: WORKERS, env: { CLUSTER_SCHEDULING: name } }),
  );
  try {
    const samples = await rounds(ROUNDS, progress, round =>
      withRunning(inTurn(candidates, round), async servers => {
        await measure(generator, servers, { ...KEEP_ALIVE, turns: 1, turnMilliseconds: 1_500 });
        const keepAlive = await measure(generator, servers, KEEP_ALIVE);
        const oneShot = await measure(generator, servers, ONE_SHOT);
        return { keepAlive: inTurn(keepAlive, round), oneShot: inTurn(oneShot, round) };
      }),
    );
    return report(policies, samples);
  } finally {
    await generator.stop();
  }
}

/**
 * @param {readonly string[]} policies
 * @param {Record<'keepAlive' | 'oneShot', readonly import('../support/measure.mjs').Throughput[]>[]} samples
 */
function report(policies, samples) {
  const column = (/** @type {'keepAlive' | 'oneShot'} */ kind, /** @type {number} */ index) =>
    samples.map(sample => sample[kind][index]?.perSecond ?? NaN);
  return {
    title: `requests per second of ${WORKERS} workers ÷ those with round-robin`,
    notes: [
      `Express, GET /hello. Keep-alive: ${KEEP_ALIVE.connections} connections; one-shot: a connection for each request, ${ONE_SHOT.connections} at a time.`,
      `${ROUNDS} rounds of new processes, in turns of ${HELLO.turnMilliseconds} ms. The load generator shares the cores.`,
    ],
    rows: policies.slice(1).flatMap((policy, place) =>
      /** @type {const} */ ([
        ['keepAlive', 'keep-alive'],
        ['oneShot', 'one-shot'],
      ]).map(([kind, name]) => ({
        name: `${policy}, ${name}`,
        unit: 'req/s',
        values: column(kind, place + 1),
        base: column(kind, 0),
      })),
    ),
  };
}
