import { join } from 'node:path';
import { startBusCluster } from './bus-cluster.mjs';
import { benchRoot } from './paths.mjs';
import { canPin } from './pinning.mjs';

/** The core of all Redis clients. The server has the other one. */
const CORE = 1;

/** @param {import('./redis.mjs').BenchRedis} redis */
export function redisCandidates(redis) {
  const peer = (/** @type {boolean} */ autoPipelining) => () =>
    startBusCluster('ioredis-pub-sub', {
      workers: 2,
      core: CORE,
      file: peerFile('ioredis-pub-sub'),
      env: { BENCH_REDIS: redis.url, BENCH_AUTO_PIPELINING: String(autoPipelining) },
    });
  return {
    ours: () =>
      startBusCluster('bus', { workers: 2, core: CORE, env: { CLUSTER_REDIS_URL: redis.url } }),
    plain: peer(false),
    pipelined: peer(true),
  };
}

/** @param {number} workers */
export function memoryCandidates(workers) {
  return {
    ours: () => startBusCluster('bus', { workers }),
    socketIo: () =>
      startBusCluster('socket-io-cluster', { workers, file: peerFile('socket-io-cluster') }),
  };
}

/** @param {import('./redis.mjs').BenchRedis} redis */
export function redisSetting({ version }) {
  return `Redis ${version}, nothing written to disk; ${
    canPin
      ? 'pinned: the server to core 0, all clients to core 1.'
      : 'not pinned, because taskset or a second core is missing.'
  }`;
}

/** @param {string} name */
function peerFile(name) {
  return join(benchRoot, `peers/${name}.mjs`);
}
