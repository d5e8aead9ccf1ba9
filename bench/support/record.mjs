import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { benchRoot } from './paths.mjs';

const FILE = join(benchRoot, 'record.json');

/**
 * @typedef {object} RecordedRow
 * @property {string} name
 * @property {string} unit
 * @property {Spread} [ratio] of the pairs
 * @property {Spread} [absolute] of the values, where there is no base
 * @property {{ value: number, base?: number }} [medians]
 * @property {{ atLeast: number } | { atMost: number } | null} [target]
 * @property {number} [noise] the standard error of the median
 */

/** @typedef {{ median: number, min: number, max: number }} Spread */

/**
 * @typedef {object} RecordedBenchmark
 * @property {string} takenOn
 * @property {string} node
 * @property {string} title
 * @property {RecordedRow[]} rows
 */

/** @typedef {Record<string, RecordedBenchmark>} Record the last recorded figures, by `recordName()` */

/**
 * Each major version of Node has figures of its own, because they differ much.
 *
 * @param {string} benchmark
 * @param {string} node the version, such as `v24.11.0`
 */
export function recordName(benchmark, node) {
  return `${benchmark} on Node ${majorOf(node)}`;
}

/** @param {string} node the version, such as `v24.11.0` */
export function majorOf(node) {
  return /\d+/.exec(node)?.[0];
}

/** @returns {Promise<Record>} */
export async function readRecord() {
  return JSON.parse(await readFile(FILE, 'utf8'));
}

/** @param {Record} record */
export async function writeRecord(record) {
  const sorted = Object.fromEntries(
    Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  await writeFile(FILE, `${JSON.stringify(sorted, null, 2)}\n`);
}
