/** The address of a node. @publicApi */
export interface RedisAddress {
  /** A host name or an IP address. */
  readonly host: string;
  /** The TCP port. */
  readonly port: number;
}

/**
 * How to connect to Redis: the options of ioredis, of which the most common ones are listed here. Options for
 * retrying commands (`maxRetriesPerRequest`, `enableOfflineQueue`, `commandTimeout`) are set by this package.
 *
 * https://redis.github.io/ioredis/interfaces/CommonRedisOptions.html
 *
 * @publicApi
 */
export interface RedisConnectionOptions {
  /** @defaultValue 'localhost' */
  readonly host?: string | undefined;
  /** @defaultValue 6379 */
  readonly port?: number | undefined;
  /** The path of a Unix socket, instead of host and port. */
  readonly path?: string | undefined;
  /** The ACL user. With `cluster`, set `redisOptions.username` instead. @defaultValue 'default' */
  readonly username?: string | undefined;
  /**
   * The password, or a function that returns it. The function is called at the start and whenever a connection was
   * lost, for passwords that change while the application runs.
   */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** The database number. @defaultValue 0 */
  readonly db?: number | undefined;
  /**
   * Options of `tls.connect()`. With `sentinels`, also set `enableTLSForSentinelMode: true`; with `cluster`, set
   * `redisOptions.tls` instead.
   */
  readonly tls?: object | undefined;
  /** The addresses of the Sentinels. Requires `name`. */
  readonly sentinels?: readonly RedisAddress[] | undefined;
  /** The name of the master in the Sentinels. */
  readonly name?: string | undefined;
  /** Addresses of some nodes of a Redis Cluster. The other options are then those of ioredis' `Cluster`. */
  readonly cluster?: readonly RedisAddress[] | undefined;
  /** Any other option of ioredis. */
  readonly [option: string]: unknown;
}

/**
 * A value of the type `RedisOptions` of ioredis. It is accepted like `RedisConnectionOptions`; the interface of ioredis
 * is not assignable to that, because it has no index signature.
 *
 * @publicApi
 */
export interface IoRedisOptions {
  /** @defaultValue 'localhost' */
  readonly host?: string | undefined;
  /** @defaultValue 6379 */
  readonly port?: number | undefined;
  /** The path of a Unix socket, instead of host and port. */
  readonly path?: string | undefined;
  /** The ACL user. @defaultValue 'default' */
  readonly username?: string | undefined;
  /** The password. */
  readonly password?: string | undefined;
  /** The database number. @defaultValue 0 */
  readonly db?: number | undefined;
  /** Options of `tls.connect()`. */
  readonly tls?: object | undefined;
  /** The addresses of the Sentinels. Requires `name`. */
  readonly sentinels?: readonly Partial<RedisAddress>[] | undefined;
  /** The name of the master in the Sentinels. */
  readonly name?: string | undefined;
}

/**
 * An ioredis `Redis` or `Cluster` that the application created. It is used unchanged, and never closed.
 *
 * @publicApi
 */
export interface RedisClient {
  /** The state of the connection, as ioredis names it. */
  readonly status: string;
  /** Runs a cached script. */
  evalsha: unknown;
  /** Returns a new client with the same options, for subscriptions. */
  duplicate: unknown;
}
