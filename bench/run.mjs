/**
 * `npm run bench` runs all benchmarks, `npm run bench -- requests start` those two, and `npm run bench -- state` all
 * whose names begin with `state-`. Each figure is the ratio of two candidates that were measured alternately, unless
 * its table has no base: the median, the minimum and the maximum of the pairs. The results are also written to
 * `bench/results/latest.json`.
 *
 * With `--record`, they become the recorded figures, in `bench/record.json` and in `docs/benchmarks.md`.
 * `npm run bench -- quick` runs some benchmarks with few rounds, and fails if a figure is worse than the recorded one by
 * more than the noise of both.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { compileFixtures } from '../test/support/compile-fixtures.mjs';
import { busAsk } from './benchmarks/bus-ask.mjs';
import { busKept } from './benchmarks/bus-kept.mjs';
import { busLatency } from './benchmarks/bus-latency.mjs';
import { busMemory } from './benchmarks/bus-memory.mjs';
import { busRedis } from './benchmarks/bus-redis.mjs';
import { cores } from './benchmarks/cores.mjs';
import { fleet } from './benchmarks/fleet.mjs';
import { imports } from './benchmarks/imports.mjs';
import { managers } from './benchmarks/managers.mjs';
import { memory } from './benchmarks/memory.mjs';
import { reload } from './benchmarks/reload.mjs';
import { requests } from './benchmarks/requests.mjs';
import { scheduling } from './benchmarks/scheduling.mjs';
import { socketIo } from './benchmarks/socket-io.mjs';
import { socketIoBroadcast } from './benchmarks/socket-io-broadcast.mjs';
import { spare } from './benchmarks/spare.mjs';
import { start } from './benchmarks/start.mjs';
import { stateCache } from './benchmarks/state-cache.mjs';
import { stateCounters } from './benchmarks/state-counters.mjs';
import { stateExpiry } from './benchmarks/state-expiry.mjs';
import { stateLatency } from './benchmarks/state-latency.mjs';
import { stateLimits } from './benchmarks/state-limits.mjs';
import { stateLocks } from './benchmarks/state-locks.mjs';
import { stateMemory } from './benchmarks/state-memory.mjs';
import { stateThrottler } from './benchmarks/state-throttler.mjs';
import { stateSession } from './benchmarks/state-session.mjs';
import { stateStall } from './benchmarks/state-stall.mjs';
import { watching } from './benchmarks/watching.mjs';
import { noise as noisyRounds } from './support/noise.mjs';
import { loadAverage, machineFacts } from './support/machine.mjs';
import { appSources, benchRoot, builtApps } from './support/paths.mjs';
import { compareWithRecord, record } from './support/recording.mjs';
import { summarize, table } from './support/report.mjs';
import { limitRounds } from './support/rounds.mjs';

/** @type {Record<string, import('./support/report.mjs').RunBenchmark>} */
const BENCHMARKS = {
  requests,
  cores,
  imports,
  start,
  memory,
  reload,
  scheduling,
  managers,
  spare,
  watching,
  'state-cache': stateCache,
  'state-counters': stateCounters,
  'state-latency': stateLatency,
  'state-memory': stateMemory,
  'state-locks': stateLocks,
  'state-limits': stateLimits,
  'state-session': stateSession,
  'state-throttler': stateThrottler,
  'state-expiry': stateExpiry,
  'state-stall': stateStall,
  'bus-latency': busLatency,
  'bus-redis': busRedis,
  'bus-memory': busMemory,
  'bus-kept': busKept,
  'bus-ask': busAsk,
  fleet,
  'socket-io': socketIo,
  'socket-io-broadcast': socketIoBroadcast,
};

/** What `quick` runs: the costs that every application has. */
const QUICK = ['imports', 'start', 'requests', 'memory'];
const QUICK_ROUNDS = 5;

const all = Object.keys(BENCHMARKS);
const words = process.argv.slice(2).filter(word => word !== '--record');
const isToRecord = process.argv.includes('--record');
const isQuick = words.includes('quick');
const asked = words.map(word => ({ word, meant: namesOf(word) }));
const unknown = asked.filter(({ meant }) => meant.length === 0);
if (unknown.length > 0) {
  console.error(
    `Unknown: ${unknown.map(({ word }) => word).join(', ')}. There are quick, ${all.join(', ')}.`,
  );
  process.exit(1);
}
if (isQuick && isToRecord) {
  console.error('A quick run is not recorded: it has too few rounds.');
  process.exit(1);
}
const names = new Set(asked.length > 0 ? asked.flatMap(({ meant }) => meant) : all);
if (isQuick) {
  limitRounds(QUICK_ROUNDS);
}

const loadAverageBefore = loadAverage();
const machine = machineFacts();
console.log(
  `Node ${machine.node}, ${machine.platform}, ${machine.cores} × ${machine.processor}; load average ${loadAverageBefore}`,
);

await compileFixtures(appSources, builtApps);
const results = [];
for (const name of names) {
  const { title, notes, rows } = await BENCHMARKS[name](
    step => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${name}: ${step}`),
  );
  if (process.stderr.isTTY) {
    process.stderr.write('\r\x1b[K');
  }
  const summaries = rows.map(summarize);
  console.log(`\n${name}: ${title}\n\n${table(summaries)}\n`);
  notes.forEach(note => console.log(`  ${note}`));
  results.push({ name, title, notes, rows: summaries });
}

const loadAverageAfter = loadAverage();
const { rounds, noisy } = noisyRounds();
console.log(
  `\nLoad average at the end: ${loadAverageAfter}. Other work was in the way in ${noisy} of ${rounds} rounds.`,
);
const file = join(benchRoot, 'results/latest.json');
await mkdir(join(benchRoot, 'results'), { recursive: true });
await writeFile(
  file,
  `${JSON.stringify({ takenAt: new Date().toISOString(), machine: { ...machine, loadAverageBefore, loadAverageAfter, rounds, noisy }, results }, null, 2)}\n`,
);
console.log(`Written to ${relative(process.cwd(), file)}`);

if (isToRecord) {
  await record(results, machine.node);
  console.log('Recorded in bench/record.json and docs/benchmarks.md');
}
if (isQuick) {
  const { lines, worse } = await compareWithRecord(results, machine.node);
  console.log('\nIn comparison with the recorded figures:\n');
  lines.forEach(line => console.log(`  ${line}`));
  process.exitCode = worse ? 1 : 0;
}

/** @param {string} word */
function namesOf(word) {
  return word === 'quick' ? QUICK : all.filter(name => `${name}-`.startsWith(`${word}-`));
}
