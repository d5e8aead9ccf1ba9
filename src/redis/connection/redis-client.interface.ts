/**
 * The part of an ioredis `Redis` that is used here. Clients are recognized by their methods instead of their class,
 * because an application may have another copy of ioredis.
 *
 * @internal
 */
export interface RedisNode {
  status: string;
  options: {
    password?: string;
    readonly host?: string;
    readonly port?: number;
    readonly db?: number;
    readonly protocol?: number;
    readonly keyPrefix?: string | Buffer;
    readonly sentinelCommandTimeout?: number | undefined;
    readonly sentinels?: readonly unknown[] | undefined;
  };
  /** The protocol that was negotiated with the server, once connected. */
  condition?: { readonly protocol?: number } | null;
  /** @param command in lower case if it has keys: otherwise, ioredis before 5.9 does not find them */
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  evalsha(sha: string, keys: number, ...args: (string | number)[]): Promise<unknown>;
  eval(script: string, keys: number, ...args: (string | number)[]): Promise<unknown>;
  pipeline(): RedisPipeline;
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  psubscribe(pattern: string): Promise<unknown>;
  punsubscribe(pattern: string): Promise<unknown>;
  ssubscribe(channel: string): Promise<unknown>;
  sunsubscribe(channel: string): Promise<unknown>;
  duplicate(options: object): RedisNode;
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
  on(event: 'message' | 'smessage', listener: (channel: string, message: string) => void): unknown;
  on(
    event: 'pmessage',
    listener: (pattern: string, channel: string, message: string) => void,
  ): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: '+node', listener: (node: RedisNode) => void): unknown;
  on(
    event: 'connect' | 'ready' | 'close' | 'end' | 'moved' | 'node error',
    listener: () => void,
  ): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** The part of an ioredis `Cluster` that is used here. @internal */
export interface RedisCluster extends RedisNode {
  /** The addresses (`host:port`) of the master and the replicas of each slot, if they are known. */
  readonly slots: readonly (readonly string[] | undefined)[];
  nodes(role: 'master' | 'all'): RedisNode[];
  /** Asks a node for the current distribution of slots. */
  refreshSlotsCache(done: () => void): void;
}

/** @internal */
export interface RedisPipeline {
  evalsha(sha: string, keys: number, ...args: (string | number)[]): RedisPipeline;
  eval(script: string, keys: number, ...args: (string | number)[]): RedisPipeline;
  call(command: string, ...args: (string | number)[]): RedisPipeline;
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}

/** Returns whether a value is an ioredis client, which the option `redis` accepts beside options. @internal */
export function isRedisClient(value: unknown): value is RedisNode {
  const client = value as Partial<RedisNode> | null;
  return (
    typeof value === 'object' &&
    typeof client?.evalsha === 'function' &&
    typeof client.duplicate === 'function' &&
    typeof client.on === 'function' &&
    typeof client.status === 'string'
  );
}

/** @internal */
export function isCluster(client: RedisNode): client is RedisCluster {
  return typeof (client as Partial<RedisCluster>).nodes === 'function';
}

/**
 * Returns the option `keyPrefix`. ioredis prefixes keys and sharded channels, but no other channels and no arguments of
 * scripts.
 *
 * @internal
 */
export function keyPrefixOf({ options }: RedisNode): string {
  return String(options.keyPrefix ?? '');
}

/** Returns the address of a node in the format of `slots`. @internal */
export function addressOf({ options }: RedisNode): string {
  return `${options.host}:${options.port}`;
}
