import { join } from 'node:path';
import { benchRoot } from './paths.mjs';
import { startServer } from './server.mjs';

const WORKERS = 4;

/** @typedef {'none' | 'cluster' | 'redis'} IoAdapter */

/** @param {NodeJS.ProcessEnv} [env] */
export function startSockets(env = {}) {
  return startServer('sockets', { workers: WORKERS, env });
}

export function startSticky() {
  return startServer('sockets', { workers: WORKERS, file: peerFile('socket-io-sticky') });
}

/**
 * @param {IoAdapter} adapter
 * @param {NodeJS.ProcessEnv} [env]
 */
export function startWebSockets(adapter, env = {}) {
  return startServer('sockets', {
    workers: WORKERS,
    file: peerFile('socket-io-web-sockets'),
    env: { ...env, BENCH_IO_ADAPTER: adapter },
  });
}

/** @param {string} name */
function peerFile(name) {
  return join(benchRoot, `peers/${name}.mjs`);
}
