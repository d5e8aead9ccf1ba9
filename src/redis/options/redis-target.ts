import type { RedisClient, RedisConnectionOptions } from './redis-connection-options.interface.js';

/** What the option `redis` takes. @internal */
export type RedisTarget = string | RedisConnectionOptions | RedisClient;

/** Options that say where Redis is: without any, a typing error would lead to localhost. @internal */
export const REDIS_ADDRESSES = ['host', 'port', 'path', 'sentinels', 'cluster', 'Connector'];
