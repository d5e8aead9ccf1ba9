import { type FactoryProvider, Logger } from '@nestjs/common';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import type { RedisLink } from '../redis/redis-link.js';

/** Injection token of the {@link RedisLink}, or of `null` without Redis. @internal */
export const REDIS_LINK = Symbol('REDIS_LINK');

/**
 * Does not wait for Redis, so an application boots without it. Only if the options name a database by its number, it
 * checks whether the server has that database, because a missing one is an error in the options.
 *
 * @internal
 */
export const REDIS_LINK_PROVIDER: FactoryProvider<RedisLink | null> = {
  provide: REDIS_LINK,
  inject: [CLUSTER_OPTIONS],
  useFactory: openRedisLink,
};

/**
 * Connects to the server of the options.
 *
 * @returns `null` without Redis
 * @internal
 */
export async function openRedisLink({
  redis,
  namespace,
}: Pick<ResolvedClusterOptions, 'redis' | 'namespace'>): Promise<RedisLink | null> {
  if (!redis) {
    return null;
  }
  const logger = new Logger('Redis');
  // Loaded on demand: most processes start without it.
  const [{ connectRedis }, { RedisLink }] = await Promise.all([
    import('../redis/connection/connect-redis.js'),
    import('../redis/redis-link.js'),
  ]);
  const connection = await connectRedis(redis, message => logger.warn(message));
  const link = new RedisLink(connection, namespace, logger);
  try {
    await link.assertDatabase();
  } catch (error) {
    await link.close();
    throw error;
  }
  return link;
}
