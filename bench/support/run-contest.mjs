import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { watchOthers } from './noise.mjs';
import { pinned } from './pinning.mjs';
import { processEnv, start, stop } from './processes.mjs';

/** Much longer than any contest takes. */
const LIMIT_MILLISECONDS = 180_000;

/**
 * @typedef {object} ContestOptions
 * @property {number} round
 * @property {import('./redis.mjs').BenchRedis} [redis]
 * @property {readonly import('./server.mjs').Server[]} [servers] those that it uses
 * @property {number} [core] the core to which it is bound
 * @property {string[]} [nodeArgs]
 * @property {string[]} [args]
 */

/**
 * Runs a file of `bench/contests` in a new process.
 *
 * @param {string} name the file, without its extension
 * @param {ContestOptions} options
 * @returns {Promise<any>} the result of the measurement
 */
export async function runContest(
  name,
  { round, redis, servers = [], core, nodeArgs = [], args = [] },
) {
  const file = fileURLToPath(new URL(`../contests/${name}.mjs`, import.meta.url));
  const node = [process.execPath, ...nodeArgs, file, ...args];
  const env = {
    ...processEnv(),
    CLUSTER_WORKERS: '0',
    BENCH_ROUND: String(round),
    BENCH_REDIS: redis?.url,
  };
  const serving = servers.flatMap(({ pid, workers }) => [...new Set([pid, ...workers])]);
  const running = [...(redis ? [redis.pid] : []), ...serving];
  const noteOthers = watchOthers(running);
  const child = start(core === undefined ? node : pinned(core, node), env, [
    'ignore',
    'pipe',
    'inherit',
  ]);
  try {
    const result = await resultOf(child);
    noteOthers([...running, /** @type {number} */ (child.pid)]);
    return result;
  } finally {
    await stop(child);
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function resultOf(child) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ what) =>
      reject(new Error(`${child.spawnargs.join(' ')} ${what}`));
    const timer = setTimeout(() => fail('did not come to its end'), LIMIT_MILLISECONDS);
    child.once('error', error => fail(error.message));
    child.once('exit', code => {
      clearTimeout(timer);
      fail(`exited with ${code}`);
    });
    const output = /** @type {import('node:stream').Readable} */ (child.stdout);
    createInterface({ input: output }).on('line', line => {
      if (line.startsWith('@result ')) {
        resolve(JSON.parse(line.slice('@result '.length)));
      } else {
        console.error(line);
      }
    });
  });
}
