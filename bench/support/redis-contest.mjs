import { installPeers } from './peers.mjs';
import { canPin } from './pinning.mjs';
import { startRedis } from './redis.mjs';
import { rounds } from './rounds.mjs';
import { runContest } from './run-contest.mjs';
import { withDelay } from './with-delay.mjs';

/** The core of the client. The server has the other one. */
const CORE = 1;

/** @typedef {(discipline: string, candidate: string) => number[]} Column calls per second, of each round */

/**
 * Runs a contest on Redis in several rounds, with a new client in each round.
 *
 * @param {string} name of the file in `bench/contests`
 * @param {number} count number of rounds
 * @param {(step: string) => void} progress
 * @param {number} [delay] milliseconds by which a proxy delays what clients send
 * @returns {Promise<{ column: Column, setting: string }>}
 */
export async function redisContest(name, count, progress, delay = 0) {
  installPeers();
  const server = await startRedis();
  const redis = delay > 0 ? await withDelay(server, delay) : server;
  try {
    const samples = await rounds(count, progress, round =>
      runContest(name, { round, redis, core: CORE }),
    );
    return {
      column: (discipline, candidate) =>
        samples.map(sample => sample[discipline]?.[candidate] ?? NaN),
      setting: `${count} rounds of new clients, in turns within one process. Redis ${redis.version}, nothing written to disk; ${
        canPin
          ? 'pinned: the server to core 0, the client to core 1.'
          : 'not pinned, because taskset or a second core is missing.'
      }`,
    };
  } finally {
    await redis.stop();
  }
}
