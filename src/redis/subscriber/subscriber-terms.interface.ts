import type { RedisConnection } from '../connection/connect-redis.js';
import type { RedisAvailability } from '../connection/redis-availability.js';

/** What it needs of a `RedisLink`. @internal */
export interface SubscriberTerms {
  readonly connection: RedisConnection;
  readonly namespace: string;
  readonly availability: Pick<RedisAvailability, 'isLost' | 'observe'>;
  /** The connection for commands did not answer. */
  suspect(): void;
  warn(message: string): void;
}
