import { freePort } from '../../test/support/free-port.mjs';
import { pinned } from './pinning.mjs';
import { watchOthers } from './noise.mjs';
import { appFile } from './paths.mjs';
import { processEnv, ready, start, stop } from './processes.mjs';

/**
 * @typedef {object} ServerOptions
 * @property {number} workers number of serving processes
 * @property {number} [core] the core to which all processes are bound
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [file] the file to run, if it is not in `bench/apps`
 * @property {readonly string[]} [nodeArgs]
 */

/**
 * @typedef {object} Server
 * @property {number} port
 * @property {number} pid id of the process that was started
 * @property {number[]} workers ids of the serving processes
 * @property {number} startMilliseconds from the spawn until all of them listen
 * @property {() => Promise<void>} stop
 */

/** Starts one of them with a primary that does not load the application. */
export const EARLY = ['--import', 'nestjs-cluster/start'];

/**
 * Starts one of `bench/apps`, and waits until all its processes listen.
 *
 * @param {string} app
 * @param {ServerOptions} options
 * @returns {Promise<Server>}
 */
export async function startServer(app, { workers, core, env, file = appFile(app), nodeArgs = [] }) {
  const port = await freePort();
  const node = [process.execPath, ...nodeArgs, file];
  const command = core === undefined ? node : pinned(core, node);
  const noteOthers = watchOthers();
  const spawnedAt = performance.now();
  const child = start(
    command,
    { ...processEnv(), CLUSTER_WORKERS: String(workers), PORT: String(port), ...env },
    ['ignore', 'pipe', 'pipe'],
  );
  try {
    const pids = await ready(child, workers);
    const startMilliseconds = performance.now() - spawnedAt;
    const pid = /** @type {number} */ (child.pid);
    noteOthers([...new Set([pid, ...pids])]);
    return {
      port,
      pid,
      workers: pids,
      startMilliseconds,
      stop: () => stop(child),
    };
  } catch (error) {
    await stop(child);
    throw error;
  }
}
