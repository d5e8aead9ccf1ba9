import { Redis } from 'ioredis';
import { machine } from '../../test/support/redis/machine.mjs';
import { provideRedis } from '../../test/support/redis/provide-redis.mjs';
import { pinRunning } from './pinning.mjs';

/** The core of the server. Its clients have the other one. */
const CORE = 0;

/**
 * @typedef {object} BenchRedis
 * @property {string} url
 * @property {number} pid
 * @property {string} version
 * @property {() => Promise<void>} stop
 */

/**
 * A server for the benchmarks only, even if the environment names one. It writes nothing to disk.
 *
 * @returns {Promise<BenchRedis>}
 */
export async function startRedis() {
  const { url, stop } = await provideRedis({ ...machine, redisUrl: undefined });
  try {
    const facts = await serverFacts(url);
    const pid = Number(facts.get('process_id'));
    pinRunning(CORE, pid);
    return { url, pid, version: facts.get('redis_version') ?? 'unknown', stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {string} url */
async function serverFacts(url) {
  const redis = new Redis(url);
  try {
    const lines = (await redis.info('server')).split('\r\n');
    return new Map(
      lines.map(line => {
        const [name = '', value = ''] = line.split(':', 2);
        return [name, value];
      }),
    );
  } finally {
    redis.disconnect();
  }
}
