import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { appFile, benchRoot } from '../support/paths.mjs';
import { freePort } from '../../test/support/free-port.mjs';
import { processEnv } from '../support/processes.mjs';
import { temporaryDirectory } from '../support/temporary-directory.mjs';

const run = promisify(execFile);

/** The daemon outlives the command that started it, and whoever forgets it. */
/** @type {Set<number>} */
const daemons = new Set();
process.on('exit', () => daemons.forEach(kill));

/**
 * Starts the application in PM2's cluster mode, with a daemon of its own.
 *
 * @param {number} workers
 * @returns {Promise<{ pid: number, stop: () => Promise<void> }>} the daemon
 */
export async function startPm2(workers) {
  const home = await temporaryDirectory();
  const env = {
    ...processEnv(),
    HOME: home.path,
    PM2_HOME: home.path,
    PM2_DISABLE_VERSION_CHECK: 'true',
    PORT: String(await freePort()),
  };
  const pm2 = (/** @type {string[]} */ ...args) =>
    run(process.execPath, [join(benchRoot, 'node_modules/pm2/bin/pm2'), ...args], { env });
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
    return { pid, stop };
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
    // It is gone already.
  }
}
