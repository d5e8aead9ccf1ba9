import { cpuMilliseconds } from '../support/cpu.mjs';
import { installPeers, peerVersion } from '../support/peers.mjs';
import { startRedis } from '../support/redis.mjs';
import { inTurn, rounds, withRunning } from '../support/rounds.mjs';
import { runContest } from '../support/run-contest.mjs';
import { startSockets, startWebSockets } from '../support/socket-candidates.mjs';

const ROUNDS = 3;
const TARGET = { atLeast: 1.5 };

/**
 * Broadcasts to a thousand sockets in four workers.
 *
 * @type {import('../support/report.mjs').RunBenchmark}
 */
export async function socketIoBroadcast(progress) {
  installPeers();
  const memory = await rounds(
    ROUNDS,
    step => progress(`in memory, ${step}`),
    round =>
      compare(
        round,
        () => startSockets(),
        () => startWebSockets('cluster'),
      ),
  );
  const redis = await startRedis();
  try {
    const ours = () => startSockets({ CLUSTER_REDIS_URL: redis.url });
    const peer = () => startWebSockets('redis', { BENCH_REDIS: redis.url });
    const throughRedis = await rounds(
      ROUNDS,
      step => progress(`through Redis, ${step}`),
      round => compare(round, ours, peer, redis),
    );
    return {
      title:
        'broadcasts to 1,000 WebSockets in 4 workers, 20 in flight, ÷ the adapters of Socket.IO',
      notes: [
        `${ROUNDS} rounds of new processes, in turns of a second. A client asks for each broadcast of 200 characters, which all clients receive.`,
        'Counted is what all clients have received. The clients only count frames, in one process that shares the cores.',
      ],
      rows: [
        ...rowsOf(`in memory ÷ ${named('@socket.io/cluster-adapter')}`, memory),
        ...rowsOf(`Redis ${redis.version} ÷ ${named('@socket.io/redis-adapter')}`, throughRedis),
      ],
    };
  } finally {
    await redis.stop();
  }
}

/** @typedef {{ perSecond: number, cpuMicroseconds: number }} Result per second, and of all processes per broadcast */

/**
 * @param {number} round
 * @param {() => Promise<import('../support/server.mjs').Server>} startOurs
 * @param {() => Promise<import('../support/server.mjs').Server>} startPeer
 * @param {import('../support/redis.mjs').BenchRedis} [redis]
 * @returns {Promise<Result[]>} ours, and that of the peer
 */
function compare(round, startOurs, startPeer, redis) {
  return withRunning(inTurn([startOurs, startPeer], round), async running => {
    const servers = inTurn(running, round);
    const spent = () => servers.map(({ pid, workers }) => cpuMilliseconds([pid, ...workers]));
    const before = spent();
    /** @type {{ perSecond: number, asked: number }[]} */
    const results = await runContest('socket-io-broadcast', {
      round,
      ...(redis && { redis }),
      servers,
      args: servers.map(({ port }) => String(port)),
    });
    const after = spent();
    return results.map(({ perSecond, asked }, index) => ({
      perSecond,
      cpuMicroseconds: (((after[index] ?? NaN) - (before[index] ?? NaN)) * 1000) / asked,
    }));
  });
}

/**
 * @param {string} name
 * @param {readonly Result[][]} samples
 */
function rowsOf(name, samples) {
  const columns = (/** @type {keyof Result} */ what) => ({
    values: samples.map(([ours]) => ours?.[what] ?? NaN),
    base: samples.map(([, theirs]) => theirs?.[what] ?? NaN),
  });
  return [
    { name, unit: 'broadcasts/s', ...columns('perSecond'), target: TARGET },
    { name: `${name}, CPU per broadcast`, unit: 'µs', ...columns('cpuMicroseconds') },
  ];
}

/** @param {string} peer */
function named(peer) {
  return `${peer} ${peerVersion(peer)}`;
}
