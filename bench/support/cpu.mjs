import { readdirSync, readFileSync } from 'node:fs';

/**
 * Returns the CPU time of processes. Other work on the machine changes the wall-clock time much, and the CPU time
 * hardly, so this is a check of wall-clock results.
 *
 * @param {readonly number[]} pids
 * @returns {number} milliseconds; `NaN` except on Linux
 */
export function cpuMilliseconds(pids) {
  try {
    return pids
      .flatMap(pid => readdirSync(`/proc/${pid}/task`).map(task => `/proc/${pid}/task/${task}`))
      .map(task => Number(readFileSync(`${task}/schedstat`, 'latin1').split(' ')[0]) / 1e6)
      .reduce((sum, milliseconds) => sum + milliseconds, 0);
  } catch {
    return NaN;
  }
}

/**
 * @param {number} pid
 * @returns {number[]} the processes that it has started; none except on Linux
 */
export function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}
