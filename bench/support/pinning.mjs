import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Whether processes can be bound to cores here: a load generator needs one that is not the server's. */
export const canPin =
  availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/**
 * @param {number | string} core or several, such as `0-2`
 * @param {string[]} command
 * @returns {string[]} the command that runs there alone; unchanged where that cannot be had
 */
export function pinned(core, command) {
  return canPin ? ['taskset', '-c', String(core), ...command] : command;
}

/**
 * Binds a process that runs already to a core, with all its threads, where that can be had.
 *
 * @param {number} core
 * @param {number} pid
 */
export function pinRunning(core, pid) {
  if (canPin) {
    spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)]);
  }
}
