import type {
  IoRedisOptions,
  RedisClient,
  RedisConnectionOptions,
} from './redis-connection-options.interface.js';

/** The values that the option `redis` accepts. @internal */
export type RedisTarget = string | RedisConnectionOptions | IoRedisOptions | RedisClient;

/**
 * Options with the address of Redis. One of them is required, so that a typing error does not connect to localhost.
 *
 * @internal
 */
export const REDIS_ADDRESSES = ['host', 'port', 'path', 'sentinels', 'cluster', 'Connector'];
