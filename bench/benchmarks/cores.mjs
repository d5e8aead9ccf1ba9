import { availableParallelism } from 'node:os';
import { iterationsFor } from '../support/calibrate.mjs';
import { LoadGenerator } from '../support/load.mjs';
import { measure } from '../support/measure.mjs';
import { inTurn, rounds, withRunning } from '../support/rounds.mjs';
import { startServer } from '../support/server.mjs';

const ROUNDS = 5;
const WORKERS = 2;
const CPU_MILLISECONDS = 2;
/** Two connections for each worker: one is served and one waits, so that no worker is idle. */
const WORK = { path: '/work', connections: 4, keepAlive: true, turns: 3, turnMilliseconds: 1_000 };
/** Many cheap requests, so that V8 has compiled the code. They may run on all cores. */
const WARMUP = {
  path: '/hello',
  connections: 16,
  keepAlive: true,
  turns: 1,
  turnMilliseconds: 1_500,
};

/**
 * The gain from a second core for an application that keeps one core busy.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function cores(progress) {
  const iterations = await iterationsFor(CPU_MILLISECONDS);
  const env = { BENCH_ITERATIONS: String(iterations) };
  const generator = new LoadGenerator();
  const candidates = [
    () => startServer('ours', { workers: WORKERS, env }),
    () => startServer('bare', { workers: WORKERS, env }),
    () => startServer('plain', { workers: 1, env }),
  ];
  try {
    const samples = await rounds(ROUNDS, progress, round =>
      withRunning(inTurn(candidates, round), async servers => {
        await measure(generator, servers, WARMUP);
        await measure(generator, servers, { ...WORK, turns: 1, turnMilliseconds: 500 });
        return inTurn(await measure(generator, servers, WORK), round);
      }),
    );
    const [ours, bare, plain] = candidates.map((_, index) =>
      samples.map(sample => sample[index]?.perSecond ?? NaN),
    );
    return report(iterations, { ours, bare, plain });
  } finally {
    await generator.stop();
  }
}

/**
 * @param {number} iterations
 * @param {{ ours?: number[], bare?: number[], plain?: number[] }} perSecond
 */
function report(iterations, { ours = [], bare = [], plain = [] }) {
  return {
    title: `${WORKERS} workers ÷ 1 process without the module, ${CPU_MILLISECONDS} ms of CPU time per request`,
    notes: [
      `Express, GET /work: ${iterations} iterations, the same in all. ${WORK.connections} keep-alive connections.`,
      `${ROUNDS} rounds of new processes, in turns of ${WORK.turnMilliseconds} ms.`,
      availableParallelism() > WORKERS
        ? 'The load generator has a core to itself.'
        : 'The load generator is light, but it competes for the two cores with two workers, and not with one process. Bare node:cluster, measured the same way, is the ceiling here.',
    ],
    rows: [
      {
        name: 'nestjs-cluster',
        unit: 'req/s',
        values: ours,
        base: plain,
      },
      { name: 'bare node:cluster', unit: 'req/s', values: bare, base: plain },
      {
        name: 'nestjs-cluster ÷ bare node:cluster',
        unit: 'req/s',
        values: ours,
        base: bare,
        target: { atLeast: 0.99 },
      },
    ],
  };
}
