import { freePort } from '../../test/support/free-port.mjs';
import { watchOthers } from './noise.mjs';
import { appFile } from './paths.mjs';
import { pinned } from './pinning.mjs';
import { processEnv } from './processes.mjs';
import { ApplicationUnderTest } from './verify-tool.mjs';

const READY_MILLISECONDS = 30_000;

/**
 * Starts `apps/ours.ts`, and waits until its primary reports that the workers are ready.
 *
 * @param {{ workers: number, core?: number | string, env?: NodeJS.ProcessEnv }} options
 */
export async function startWatched({ workers, core, env }) {
  const port = await freePort();
  const node = [process.execPath, appFile('ours')];
  const noteOthers = watchOthers();
  const app = await ApplicationUnderTest.start(core === undefined ? node : pinned(core, node), {
    env: { ...processEnv(), CLUSTER_WORKERS: String(workers), PORT: String(port), ...env },
  });
  const kill = () => app.kill();
  process.on('exit', kill);
  const stop = async () => {
    await app.stop();
    process.off('exit', kill);
  };
  try {
    await app.until(() => app.workers.ready.length === workers, READY_MILLISECONDS, 'ready');
    noteOthers(app.processes);
    return { app, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
