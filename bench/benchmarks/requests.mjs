import { LoadGenerator } from '../support/load.mjs';
import { measure } from '../support/measure.mjs';
import { canPin } from '../support/pinning.mjs';
import { inTurn, rounds, withRunning } from '../support/rounds.mjs';
import { startServer } from '../support/server.mjs';

const ROUNDS = 15;
const HELLO = { path: '/hello', turnMilliseconds: 250 };
const KEEP_ALIVE = { ...HELLO, connections: 32, keepAlive: true, turns: 6 };
const ONE_SHOT = { ...HELLO, connections: 8, keepAlive: false, turns: 3 };

/**
 * Requests per second behind the module and behind the bare 20 lines of `node:cluster`: one worker
 * each, which shares a core with its primary, so that the load generator has the other for itself.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function requests(progress) {
  const generator = new LoadGenerator(1);
  const candidates = ['ours', 'bare'].map(app => () => startServer(app, { workers: 1, core: 0 }));
  try {
    const samples = await rounds(ROUNDS, progress, round =>
      withRunning(inTurn(candidates, round), async servers => {
        await measure(generator, servers, { ...KEEP_ALIVE, turns: 1, turnMilliseconds: 1_500 });
        const keepAlive = await measure(generator, servers, KEEP_ALIVE);
        await measure(generator, servers, { ...ONE_SHOT, turns: 1, turnMilliseconds: 300 });
        const oneShot = await measure(generator, servers, ONE_SHOT);
        return { keepAlive: inTurn(keepAlive, round), oneShot: inTurn(oneShot, round) };
      }),
    );
    return report(samples);
  } finally {
    await generator.stop();
  }
}

/**
 * @typedef {import('../support/measure.mjs').Throughput} Throughput
 * @param {{ keepAlive: readonly Throughput[], oneShot: readonly Throughput[] }[]} samples
 */
function report(samples) {
  const keepAlive = samples.map(sample => sample.keepAlive);
  const oneShot = samples.map(sample => sample.oneShot);
  const rows = [
    {
      name: 'keep-alive',
      unit: 'req/s',
      ...columns(keepAlive, 'perSecond'),
      target: { atLeast: 0.97 },
    },
    { name: 'keep-alive, CPU/request', unit: 'µs', ...columns(keepAlive, 'cpuMicroseconds') },
    { name: 'one-shot', unit: 'req/s', ...columns(oneShot, 'perSecond') },
    { name: 'one-shot, CPU/request', unit: 'µs', ...columns(oneShot, 'cpuMicroseconds') },
  ];
  return {
    title: 'requests per second ÷ the same application behind the bare 20 lines of node:cluster',
    notes: [
      'Express, GET /hello, 1 worker each. CPU: of the worker and its primary together.',
      canPin
        ? 'Pinned: worker and primary to core 0, the load generator to core 1.'
        : 'Not pinned, for want of taskset or of a second core: the load generator is in the way.',
      `${ROUNDS} rounds of new processes, in turns of ${HELLO.turnMilliseconds} ms. Keep-alive: ${KEEP_ALIVE.connections} connections; one-shot: a connection for each request, ${ONE_SHOT.connections} at a time.`,
    ],
    rows: rows.filter(({ values }) => values.every(Number.isFinite)),
  };
}

/**
 * @param {(readonly Throughput[])[]} pairs
 * @param {keyof Throughput} name
 */
function columns(pairs, name) {
  const column = (/** @type {number} */ index) => pairs.map(pair => pair[index]?.[name] ?? NaN);
  return { values: column(0), base: column(1) };
}
