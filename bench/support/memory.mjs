import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** @typedef {{ rss: number, pss?: number, uss?: number }} Memory in MB */

/**
 * The memory of a process. `rss` includes all shared pages, and `pss` the process's part of them. `uss` has only
 * private pages, which would be free without the process. Only Linux reports the latter two.
 *
 * @param {number} pid
 * @returns {Memory}
 */
export function memoryOf(pid) {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    const field = (/** @type {string} */ name) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1024;
    return {
      rss: field('Rss'),
      pss: field('Pss'),
      uss: field('Private_Clean') + field('Private_Dirty'),
    };
  } catch {
    const rss = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'latin1' });
    return { rss: Number(rss) / 1024 };
  }
}
