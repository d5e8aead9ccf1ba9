/**
 * `npm run bench`: all benchmarks; `npm run bench -- requests start`: those. Every figure is a ratio of
 * two candidates that were measured side by side, in turns; medians, with the smallest and the largest
 * of the pairs. Also written to `bench/results/latest.json`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { compileFixtures } from '../test/support/compile-fixtures.mjs';
import { cores } from './benchmarks/cores.mjs';
import { memory } from './benchmarks/memory.mjs';
import { requests } from './benchmarks/requests.mjs';
import { start } from './benchmarks/start.mjs';
import { noise } from './support/noise.mjs';
import { loadAverage, machineFacts } from './support/machine.mjs';
import { appSources, benchRoot, builtApps } from './support/paths.mjs';
import { summarize, table } from './support/report.mjs';

/** @type {Record<string, import('./support/report.mjs').RunBenchmark>} */
const BENCHMARKS = { requests, cores, start, memory };

const names = process.argv.slice(2);
const unknown = names.filter(name => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. There are ${Object.keys(BENCHMARKS).join(', ')}.`);
  process.exit(1);
}

const loadAverageBefore = loadAverage();
const machine = machineFacts();
console.log(
  `Node ${machine.node}, ${machine.platform}, ${machine.cores} × ${machine.processor}; load average ${loadAverageBefore}`,
);

await compileFixtures(appSources, builtApps);
const results = [];
for (const name of names.length > 0 ? names : Object.keys(BENCHMARKS)) {
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
const { rounds, noisy } = noise();
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
