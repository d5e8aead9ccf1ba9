import type {
  RedisClient,
  RedisConnectionOptions,
} from '../redis/redis-connection-options.interface.js';
import { isRedisClient } from '../redis/redis-client.interface.js';

/** What the option `redis` takes. @internal */
export type RedisTarget = string | RedisConnectionOptions | RedisClient;

/** Options that say where Redis is: without any, a typing error would lead to localhost. */
const ADDRESSES = ['host', 'port', 'path', 'sentinels', 'cluster', 'Connector'];

/** @internal */
export function isRedisTarget(value: unknown): value is RedisTarget {
  if (typeof value === 'string') {
    return /^rediss?:\/\/\S+$/.test(value) && URL.canParse(value);
  }
  return isRedisClient(value) || (isPlainObject(value) && ADDRESSES.some(name => name in value));
}

/** Not a client of another kind, such as node-redis': its properties would be taken for options. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
