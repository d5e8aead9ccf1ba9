import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Milliseconds until the application must answer. */
const PATIENCE = 60_000;

/**
 * Runs the sample application, and waits until it answers. It must be built.
 *
 * @param {number} workers
 */
export async function startSampleApplication(workers) {
  const port = await freePort();
  const application = spawn(process.execPath, ['sample-app/dist/main.js'], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), CLUSTER_WORKERS: String(workers) },
    stdio: 'ignore',
  });
  const exited = once(application, 'exit');
  const url = `http://localhost:${port}`;
  const stop = async () => {
    application.kill('SIGTERM');
    await exited;
  };
  try {
    await answers(`${url}/`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** @param {string} url */
async function answers(url) {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch (error) {
      // The application may not listen yet.
      if (performance.now() > deadline) {
        throw error;
      }
      await delay(200);
    }
  }
}
