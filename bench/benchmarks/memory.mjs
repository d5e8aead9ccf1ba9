import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startPm2 } from '../peers/pm2.mjs';
import { memoryOf } from '../support/memory.mjs';
import { appFile, benchRoot } from '../support/paths.mjs';
import { installPeers, peerVersion } from '../support/peers.mjs';
import { rounds, withRunning } from '../support/rounds.mjs';
import { EARLY, startServer } from '../support/server.mjs';

const ROUNDS = 3;
const WORKERS = 2;
/** V8 returns the memory that the start needed 10 to 15 seconds after a process has become idle. */
const IDLE_MILLISECONDS = 30_000;

/**
 * The memory of the primary, which does none of the application's work.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function memory(progress) {
  installPeers();
  const throng = {
    file: join(benchRoot, 'peers/throng.mjs'),
    env: { BENCH_APP: pathToFileURL(appFile('plain')).href },
  };
  const candidates = [
    ...OURS.map(
      ({ options }) =>
        () =>
          startServer('ours', { workers: WORKERS, ...options }),
    ),
    () => startPm2(WORKERS),
    () => startServer('throng', { workers: WORKERS, ...throng }),
    () => startServer('bare', { workers: WORKERS }),
  ];
  const samples = await rounds(ROUNDS, progress, () =>
    withRunning(candidates, async running => {
      await delay(IDLE_MILLISECONDS);
      return running.map(({ pid }) => memoryOf(pid));
    }),
  );
  return report(samples);
}

/** This package: in the ordinary way, and with a primary that does not load the application, or drops it. */
const OURS = [
  { name: '', options: {} },
  { name: 'nestjs-cluster start, ', options: { nodeArgs: EARLY } },
  ...('execve' in process
    ? [{ name: 'lightPrimary, ', options: { env: { CLUSTER_LIGHT_PRIMARY: 'true' } } }]
    : []),
];

/** @param {import('../support/memory.mjs').Memory[][]} samples */
function report(samples) {
  const peers = [
    `PM2 ${peerVersion('pm2')}`,
    `throng ${peerVersion('throng')}`,
    'bare node:cluster',
  ];
  const column = (/** @type {number} */ index, /** @type {'rss' | 'pss'} */ kind) =>
    samples.map(sample => sample[index]?.[kind] ?? NaN);
  const kinds = /** @type {const} */ (['rss', 'pss']);
  const rows = OURS.flatMap(({ name }, ours) =>
    peers.flatMap((peer, index) =>
      kinds.map(kind => ({
        name: `${name}${kind.toUpperCase()} ÷ ${peer}`,
        unit: 'MB',
        values: column(ours, kind),
        base: column(OURS.length + index, kind),
      })),
    ),
  );
  return {
    title: `memory of the primary, ${WORKERS} workers ready and ${IDLE_MILLISECONDS / 1000} s idle, ÷ that of other primaries`,
    notes: [
      'PM2: its daemon, in cluster mode. throng: its primary, which imports the application in its workers alone. Bare: as ours, its primary has imported the application, because main.ts does.',
      `${ROUNDS} rounds of new processes, all at the same time. RSS counts what is shared with other processes in full, PSS in part.`,
    ],
    rows: rows.filter(({ values }) => values.every(Number.isFinite)),
  };
}
