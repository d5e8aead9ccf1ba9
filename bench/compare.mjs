/**
 * `npm run bench:compare -- <directory> <benchmark> …` compares this checkout with another one of the same repository:
 * runs the benchmarks in both, alternately, and divides their results: the ratio to the alternative, or the value where
 * there is none. The other checkout is installed and built. `ROUNDS` is the number of runs in each, by default 3.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { benchRoot } from './support/paths.mjs';
import { inTurn } from './support/rounds.mjs';
import { ratio } from './support/statistics.mjs';

const [other, ...benchmarks] = process.argv.slice(2);
if (!other || benchmarks.length === 0) {
  console.error('Usage: npm run bench:compare -- <directory of the other checkout> <benchmark> …');
  process.exit(1);
}
const rounds = Number(process.env['ROUNDS'] ?? 3) || 3;
const checkouts = [resolve(benchRoot, '..'), resolve(other)];

/** @type {Map<string, [ours: number[], others: number[]]>} from the name of a row to the results of the runs */
const measured = new Map();
for (let round = 0; round < rounds; round++) {
  for (const checkout of inTurn([0, 1], round)) {
    console.log(`Round ${round + 1} of ${rounds}: ${checkouts[checkout]}`);
    for (const { name, result } of await run(checkouts[checkout] ?? '')) {
      const columns = measured.get(name) ?? [[], []];
      columns[checkout]?.push(result);
      measured.set(name, columns);
    }
  }
}

console.log('\nthis checkout ÷ the other one (smallest … largest of the rounds)\n');
for (const [name, [ours, others]] of measured) {
  if (ours.length === others.length && [...ours, ...others].every(value => value === 0)) {
    console.log(`0 in both checkouts: ${name}`);
  } else if (ours.length === others.length) {
    const { median, min, max } = ratio(ours, others);
    console.log(`${median.toFixed(3)} (${min.toFixed(3)} … ${max.toFixed(3)})  ${name}`);
  } else {
    console.log(`not in both checkouts: ${name}`);
  }
}

/**
 * @param {string} checkout
 * @returns {Promise<{ name: string, result: number }[]>}
 */
async function run(checkout) {
  const bench = spawn(process.execPath, ['bench/run.mjs', ...benchmarks], {
    cwd: checkout,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(bench, 'exit');
  if (code !== 0) {
    throw new Error(`The benchmarks failed in ${checkout}`);
  }
  const { results } = JSON.parse(
    await readFile(join(checkout, 'bench/results/latest.json'), 'utf8'),
  );
  return results.flatMap((/** @type {any} */ { name, rows }) =>
    rows.map((/** @type {any} */ row) => ({
      name: `${name}: ${row.name}`,
      result: row.ratio?.median ?? row.medians.value,
    })),
  );
}
