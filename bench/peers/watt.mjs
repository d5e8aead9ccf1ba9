import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '../../test/support/free-port.mjs';
import { appFile, benchRoot } from '../support/paths.mjs';
import { installPeers, peerVersion } from '../support/peers.mjs';
import { printed, processEnv, start, stop } from '../support/processes.mjs';

const directory = join(benchRoot, 'peers/watt');
/** Below `node_modules` of Watt, where its configuration finds the package that it names. */
const applications = join(directory, 'applications');

export const installWatt = () => installPeers(directory);
export const wattVersion = () => peerVersion('wattpm', directory);

/**
 * Starts the application in Platformatic Watt, whose workers are threads that listen with `reusePort`. Needs
 * Node >= 22.19.
 *
 * @param {number} workers
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ port: number, pid: number, workers: number[], stop: () => Promise<void> }>}
 */
export async function startWatt(workers, env) {
  const port = await freePort();
  await mkdir(applications, { recursive: true });
  const application = await mkdtemp(join(applications, 'plain-'));
  const remove = () => rm(application, { recursive: true, force: true });
  await writeApplication(application, workers, port);
  const child = start(
    [process.execPath, join(directory, 'node_modules/wattpm/bin/cli.js'), 'start', application],
    { ...processEnv(), PORT: String(port), ...env },
    ['ignore', 'pipe', 'pipe'],
  );
  const end = async () => {
    await stop(child);
    await remove();
  };
  try {
    await printed(child, /is now listening at/);
    const pid = /** @type {number} */ (child.pid);
    return { port, pid, workers: [pid], stop: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * @param {string} path
 * @param {number} workers
 * @param {number} port
 */
async function writeApplication(path, workers, port) {
  const files = {
    'package.json': JSON.stringify({ private: true, type: 'module' }),
    'main.js': `import ${JSON.stringify(pathToFileURL(appFile('plain')).href)};\n`,
    'watt.json': JSON.stringify({
      module: '@platformatic/node',
      node: { main: 'main.js' },
      runtime: {
        workers,
        server: { hostname: '127.0.0.1', port },
        logger: { level: 'info' },
        metrics: { enabled: false },
        management: false,
        watch: false,
      },
    }),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(path, name), text);
  }
}
