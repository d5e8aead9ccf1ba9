import { readFile, writeFile } from 'node:fs/promises';
import { withFigures } from './page.mjs';
import { page } from './paths.mjs';
import { readRecord, recordName, writeRecord } from './record.mjs';
import { compare } from './regression.mjs';

/** @typedef {{ name: string, title: string, rows: import('./report.mjs').Summary[] }} Result of a benchmark */

/**
 * Makes results the recorded figures, in `bench/record.json` and in `docs/benchmarks.md`. A benchmark that could not be
 * measured on this machine keeps its record.
 *
 * @param {readonly Result[]} results
 * @param {string} node the version of Node
 */
export async function record(results, node) {
  const figures = await readRecord();
  for (const { name, title, rows } of results.filter(result => result.rows.length > 0)) {
    figures[recordName(name, node)] = {
      takenOn: new Date().toISOString().slice(0, 10),
      node,
      title,
      rows: rows.map(recordedRow),
    };
  }
  await writeRecord(figures);
  await writeFile(page, await withFigures(await readFile(page, 'utf8'), figures));
}

/**
 * Leaves out the single values.
 *
 * @param {import('./report.mjs').Summary} row
 */
function recordedRow({ name, unit, ratio, absolute, medians, target, noise }) {
  return { name, unit, ratio, absolute, medians, target, noise };
}

/**
 * Compares with the record of the same major version of Node.
 *
 * @param {readonly Result[]} results
 * @param {string} node the version of Node
 * @returns {Promise<{ lines: string[], worse: boolean }>} a line for each figure; `worse` if one is worse than the recorded
 *   one by more than the noise of both
 */
export async function compareWithRecord(results, node) {
  const figures = await readRecord();
  let anyWorse = false;
  const lines = results.flatMap(({ name, rows }) =>
    rows.map(row => {
      const recorded = figures[recordName(name, node)]?.rows.find(other => other.name === row.name);
      if (!recorded) {
        return `${recordName(name, node)}: ${row.name}: not recorded`;
      }
      const { worse, change, noise } = compare(recorded, row);
      anyWorse ||= worse;
      return `${name}: ${row.name}: ${percent(change)} (noise: ${percent(noise)})${worse ? '  WORSE' : ''}`;
    }),
  );
  return { lines, worse: anyWorse };
}

/** @param {number} share */
function percent(share) {
  return `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
}
