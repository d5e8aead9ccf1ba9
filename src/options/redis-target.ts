import type {
  RedisClient,
  RedisConnectionOptions,
} from '../state/redis/redis-connection-options.interface.js';
import { isRedisClient } from '../state/redis/redis-client.interface.js';

/** What the option `redis` takes. @internal */
export type RedisTarget = string | RedisConnectionOptions | RedisClient;

/** @internal */
export function isRedisTarget(value: unknown): value is RedisTarget {
  if (typeof value === 'string') {
    return /^rediss?:\/\/\S+$/.test(value) && URL.canParse(value);
  }
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return isRedisClient(value) || !Array.isArray(value);
}
