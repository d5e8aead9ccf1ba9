/**
 * The part of an ioredis `Redis` that is used here. Clients are told by what they can do, not by their
 * class: an application may have another copy of the package.
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
  };
  /** What was agreed with the server, once connected. */
  condition?: { readonly protocol?: number } | null;
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
  on(event: 'ready' | 'close' | 'end' | 'moved' | 'node error', listener: () => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** … and of an ioredis `Cluster`. @internal */
export interface RedisCluster extends RedisNode {
  /** Of each slot, the addresses (`host:port`) of its master and its replicas, as far as it is known. */
  readonly slots: readonly (readonly string[] | undefined)[];
  nodes(role: 'master' | 'all'): RedisNode[];
  /** Asks one of the nodes who has which slots. */
  refreshSlotsCache(done: () => void): void;
}

/** @internal */
export interface RedisPipeline {
  evalsha(sha: string, keys: number, ...args: (string | number)[]): RedisPipeline;
  eval(script: string, keys: number, ...args: (string | number)[]): RedisPipeline;
  call(command: string, ...args: (string | number)[]): RedisPipeline;
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}

/** Whether something is a client: what `redis` takes beside options. @internal */
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

/** As a cluster's client has it in `slots`. @internal */
export function addressOf({ options }: RedisNode): string {
  return `${options.host}:${options.port}`;
}
