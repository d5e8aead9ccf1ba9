import { LoadGenerator } from './load.mjs';
import { measure } from './measure.mjs';
import { canPin } from './pinning.mjs';
import { inTurn, rounds, withRunning } from './rounds.mjs';

const ROUNDS = 15;
const HELLO = { path: '/hello', turnMilliseconds: 250 };
const KEEP_ALIVE = { ...HELLO, connections: 32, keepAlive: true, turns: 6 };
const ONE_SHOT = { ...HELLO, connections: 8, keepAlive: false, turns: 3 };
/** Milliseconds until V8 has optimized what runs for each request and for each connection. */
const WARM_UP = 2_000;

/** The core of both candidates. The load generator has another one. */
export const SERVER_CORE = 0;
const GENERATOR_CORE = 1;

/**
 * @typedef {import('./measure.mjs').Throughput} Throughput
 * @typedef {{ keepAlive: readonly Throughput[], oneShot: readonly Throughput[] }} Rates of the candidates, in their order
 */

/**
 * Measures two candidates alternately, with keep-alive connections and with one connection for each request.
 *
 * @param {readonly (() => Promise<import('./server.mjs').Server>)[]} candidates on the core of the servers
 * @param {(step: string) => void} progress
 * @returns {Promise<Rates[]>} one result for each round
 */
export async function requestRates(candidates, progress) {
  const generator = new LoadGenerator(GENERATOR_CORE);
  try {
    return await rounds(ROUNDS, progress, round =>
      withRunning(inTurn(candidates, round), async servers => {
        await measure(generator, servers, { ...KEEP_ALIVE, turns: 1, turnMilliseconds: WARM_UP });
        const keepAlive = await measure(generator, servers, KEEP_ALIVE);
        await measure(generator, servers, { ...ONE_SHOT, turns: 1, turnMilliseconds: WARM_UP });
        const oneShot = await measure(generator, servers, ONE_SHOT);
        return { keepAlive: inTurn(keepAlive, round), oneShot: inTurn(oneShot, round) };
      }),
    );
  } finally {
    await generator.stop();
  }
}

/**
 * @param {readonly Rates[]} samples
 * @param {number} atLeast the target of the ratio of requests per second with keep-alive connections
 */
export function rateRows(samples, atLeast) {
  const keepAlive = samples.map(sample => sample.keepAlive);
  const oneShot = samples.map(sample => sample.oneShot);
  const rows = [
    { name: 'keep-alive', unit: 'req/s', ...columns(keepAlive, 'perSecond'), target: { atLeast } },
    {
      name: 'keep-alive, CPU/request',
      unit: 'µs',
      ...columns(keepAlive, 'cpuMicroseconds'),
      target: { atMost: 1.01 },
    },
    {
      name: 'one-shot',
      unit: 'req/s',
      ...columns(oneShot, 'perSecond'),
      target: { atLeast: 0.99 },
    },
    { name: 'one-shot, CPU/request', unit: 'µs', ...columns(oneShot, 'cpuMicroseconds') },
  ];
  return rows.filter(({ values }) => values.every(Number.isFinite));
}

/** A description of the measurement. */
export function rateNotes() {
  return [
    'Express, GET /hello, 1 worker each. CPU: of the worker and its primary together.',
    canPin
      ? `Pinned: worker and primary to core ${SERVER_CORE}, the load generator to core ${GENERATOR_CORE}.`
      : 'Not pinned, because taskset or a second core is missing: the load generator uses the same cores.',
    `${ROUNDS} rounds of new processes, in turns of ${HELLO.turnMilliseconds} ms. Keep-alive: ${KEEP_ALIVE.connections} connections; one-shot: a connection for each request, ${ONE_SHOT.connections} at a time.`,
  ];
}

/**
 * @param {(readonly Throughput[])[]} pairs
 * @param {keyof Throughput} name
 */
function columns(pairs, name) {
  const column = (/** @type {number} */ index) => pairs.map(pair => pair[index]?.[name] ?? NaN);
  return { values: column(0), base: column(1) };
}
