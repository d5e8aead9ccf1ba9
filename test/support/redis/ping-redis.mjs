// @ts-check
import { Redis } from 'ioredis';

/**
 * Rejects unless a Redis server answers PING at the address.
 *
 * @param {string} url
 * @param {number} deadline milliseconds; a running server answers in a few
 */
export async function pingRedis(url, deadline = 5_000) {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: deadline,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  /** @type {Promise<never>} */
  const failed = new Promise((_, reject) => {
    // connect() rejects with "Connection is closed."; only listeners get the cause.
    redis.on('error', reject);
    // For servers that accept connections and never answer: connect() would wait forever.
    const timer = setTimeout(
      () => reject(new Error(`no answer within ${deadline} ms`)),
      deadline,
    ).unref();
    redis.once('end', () => clearTimeout(timer));
  });
  try {
    await Promise.race([failed, redis.connect().then(() => redis.ping())]);
  } finally {
    redis.disconnect();
  }
}
