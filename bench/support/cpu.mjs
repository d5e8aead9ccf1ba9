import { readdirSync, readFileSync } from 'node:fs';

/**
 * The CPU time that processes have used. Other work on the machine takes from their time on the clock
 * and hardly from this, which makes it a check of what the clock says.
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
