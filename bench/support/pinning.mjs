import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Whether processes can be bound to cores here. A load generator needs another core than the server. */
export const canPin =
  availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/**
 * @param {number | string} core one core, or several, such as `0-2`
 * @param {string[]} command
 * @returns {string[]} the command that runs only there; unchanged if this is not possible
 */
export function pinned(core, command) {
  return canPin ? ['taskset', '-c', String(core), ...command] : command;
}

/**
 * Binds a running process to a core, with all its threads, if this is possible.
 *
 * @param {number} core
 * @param {number} pid
 */
export function pinRunning(core, pid) {
  if (canPin) {
    spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)]);
  }
}
