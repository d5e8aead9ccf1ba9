import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pinned } from './pinning.mjs';
import { processEnv, start, stop } from './processes.mjs';

/** With the server, away from its clients. */
const CORE = 0;

/**
 * Starts a proxy in front of a Redis server, which delays everything that clients send, as a network would.
 *
 * @param {import('./redis.mjs').BenchRedis} redis
 * @param {number} milliseconds
 * @returns {Promise<import('./redis.mjs').BenchRedis>} the server, behind the proxy
 */
export async function withDelay(redis, milliseconds) {
  const file = fileURLToPath(new URL('delaying-proxy.mjs', import.meta.url));
  const { hostname, port } = new URL(redis.url);
  const command = [process.execPath, file, hostname, port || '6379', String(milliseconds)];
  const child = start(pinned(CORE, command), processEnv(), ['ignore', 'pipe', 'inherit']);
  const output = /** @type {import('node:stream').Readable} */ (child.stdout);
  const [listening] = await once(createInterface({ input: output }), 'line');
  return {
    ...redis,
    url: `redis://127.0.0.1:${listening}`,
    stop: async () => {
      await stop(child);
      await redis.stop();
    },
  };
}
