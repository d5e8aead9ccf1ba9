import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childrenOf } from '../support/cpu.mjs';
import { appFile, benchRoot } from '../support/paths.mjs';
import { freePort } from '../../test/support/free-port.mjs';
import { pinned } from '../support/pinning.mjs';
import { processEnv } from '../support/processes.mjs';
import { temporaryDirectory } from '../support/temporary-directory.mjs';

const run = promisify(execFile);

/** The daemon outlives the command that started it, so it must be ended if this process ends early. */
/** @type {Set<number>} */
const daemons = new Set();
process.on('exit', () => daemons.forEach(kill));

/**
 * Starts the application in PM2's cluster mode, with a daemon of its own.
 *
 * @param {number} workers
 * @param {number | string} [core] the core, or cores, of the daemon and the workers
 * @param {NodeJS.ProcessEnv} [variables] of the application
 * @returns {Promise<{ pid: number, workers: number[], port: number, reload: () => Promise<void>, stop: () => Promise<void> }>}
 *   `pid` is that of the daemon; `workers` are those before the first reload
 */
export async function startPm2(workers, core, variables) {
  const port = await freePort();
  const home = await temporaryDirectory();
  const env = {
    ...processEnv(),
    HOME: home.path,
    PM2_HOME: home.path,
    PM2_DISABLE_VERSION_CHECK: 'true',
    PORT: String(port),
    ...variables,
  };
  const pm2 = (/** @type {string[]} */ ...args) => {
    const node = [process.execPath, join(benchRoot, 'node_modules/pm2/bin/pm2'), ...args];
    const [file = '', ...rest] = core === undefined ? node : pinned(core, node);
    return run(file, rest, { env });
  };
  let pid = 0;
  const stop = async () => {
    await pm2('kill').catch(() => {});
    kill(pid);
    daemons.delete(pid);
    await home.remove();
  };
  try {
    await pm2('ping');
    pid = Number(await readFile(join(home.path, 'pm2.pid'), 'utf8'));
    daemons.add(pid);
    await pm2('start', appFile('plain'), '-i', String(workers), '--wait-ready');
    const reload = async () => {
      await pm2('reload', 'plain');
    };
    return { pid, workers: childrenOf(pid), port, reload, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}
