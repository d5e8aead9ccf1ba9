import type { RedisConnection } from '../connection/connect-redis.js';
import type { RedisAvailability } from '../connection/redis-availability.js';

/** The parts of a `RedisLink` that the subscriber needs. @internal */
export interface SubscriberTerms {
  readonly connection: RedisConnection;
  readonly namespace: string;
  readonly availability: Pick<RedisAvailability, 'isLost' | 'observe'>;
  /** Called when the connection for commands does not answer. */
  suspect(): void;
  log(message: string): void;
  warn(message: string): void;
}
