/** The address of a node. @publicApi */
export interface RedisAddress {
  /** A host name or an IP address. */
  readonly host: string;
  /** The TCP port. */
  readonly port: number;
}

/**
 * How to reach Redis: the options of ioredis, of which the usual ones are named here. What concerns
 * repeating commands (`maxRetriesPerRequest`, `enableOfflineQueue`, `commandTimeout`) is ours.
 *
 * https://redis.github.io/ioredis/interfaces/CommonRedisOptions.html
 *
 * @publicApi
 */
export interface RedisConnectionOptions {
  /** @defaultValue 'localhost' */
  readonly host?: string;
  /** @defaultValue 6379 */
  readonly port?: number;
  /** A Unix socket, in place of host and port. */
  readonly path?: string;
  /** The user of the ACL; `default` if it is missing. */
  readonly username?: string;
  /**
   * A function is asked at the start, and again whenever a connection was lost: for passwords that
   * change while the application runs.
   */
  readonly password?: string | (() => string | Promise<string>);
  /** The number of the database. @defaultValue 0 */
  readonly db?: number;
  /** Options of `tls.connect()`. */
  readonly tls?: object;
  /** The Sentinels that know the master, together with its `name`. */
  readonly sentinels?: readonly RedisAddress[];
  /** What the Sentinels call the master. */
  readonly name?: string;
  /** Some nodes of a Redis Cluster; then, options of ioredis' `Cluster` stand beside it. */
  readonly cluster?: readonly RedisAddress[];
  /** Everything else that ioredis takes. */
  readonly [option: string]: unknown;
}

/**
 * An ioredis `Redis` or `Cluster` of the application's own. It is used as it is, and never closed.
 *
 * @publicApi
 */
export interface RedisClient {
  /** The state of its connection, as ioredis names it. */
  readonly status: string;
  /** Runs a script that the server has cached. */
  evalsha: unknown;
  /** Returns a new client with the same options, for subscriptions. */
  duplicate: unknown;
}
