import { EventEmitter } from 'node:events';
import { StateOutageError } from '../model/errors/state-outage.error.js';
import type { SharedState } from '../state/shared-state.js';
import type { NearCacheOptions } from '../state/objects/cache/cache-options.interface.js';
import type { StateCache } from '../state/objects/cache/state-cache.js';

/** Options of `ClusterCacheStore`. @publicApi */
export interface ClusterCacheStoreOptions {
  /** The name of the cache. Stores with the same name share their entries. */
  readonly name: string;
  /** The maximum number of entries. When it is exceeded, the least recently used ones are removed. @defaultValue 10000 */
  readonly maxEntries?: number | undefined;
  /** The maximum size of all keys and values in bytes. @defaultValue no limit */
  readonly maxBytes?: number | undefined;
  /** Whether each worker keeps copies of the entries that it reads. @defaultValue false */
  readonly near?: boolean | NearCacheOptions | undefined;
}

/**
 * A store for Keyv 5 and 6 whose entries all workers share, and with Redis all hosts. Use it with `CacheModule` of
 * `@nestjs/cache-manager`, or with any package that takes a Keyv:
 *
 * ```ts
 * CacheModule.registerAsync({
 *   inject: [SharedState],
 *   useFactory: (state: SharedState) => ({
 *     stores: [new Keyv({ store: new ClusterCacheStore(state, { name: 'http', near: true }) })],
 *   }),
 * });
 * ```
 *
 * While the backend does not answer, reads find nothing and writes are dropped: the store emits `error`, which Keyv passes
 * on.
 *
 * @publicApi
 */
export class ClusterCacheStore extends EventEmitter {
  /** The options, for Keyv. */
  readonly opts: ClusterCacheStoreOptions & {
    /** The kind of store that Keyv 5 takes it for. */
    readonly dialect: string;
  };
  /** The prefix of the keys that `clear()` deletes. Keyv sets it. */
  namespace: string | undefined;
  readonly #cache: StateCache;

  /** @throws StateInputError for an invalid option */
  constructor(state: SharedState, options: ClusterCacheStoreOptions) {
    super();
    // Keyv 5 uses the iterator of stores with one of the dialects that it knows.
    this.opts = { ...options, dialect: 'redis' };
    const { name, ...limits } = options;
    this.#cache = state.cache(name, limits);
  }

  /** Returns the value of a key; `undefined` if there is none. */
  get<Value = unknown>(key: string): Promise<Value | undefined> {
    return this.#unlessAway(undefined, () => this.#cache.get(key) as Promise<Value | undefined>);
  }

  /** Returns the values of keys, in their order. */
  getMany<Value = unknown>(keys: string[]): Promise<(Value | undefined)[]> {
    return Promise.all(keys.map(key => this.get<Value>(key)));
  }

  /** Stores a value, which expires after `ttl` milliseconds. */
  set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    return this.#unlessAway(false, async () => {
      // 0 and undefined mean that the entry does not expire.
      await this.#cache.set(key, value, ttl ? { ttl: Math.max(1, Math.ceil(ttl)) } : {});
      return true;
    });
  }

  /** Deletes an entry. @returns whether it existed */
  delete(key: string): Promise<boolean> {
    return this.#unlessAway(false, () => this.#cache.delete(key));
  }

  /** Deletes entries. @returns whether any of them existed */
  async deleteMany(keys: string[]): Promise<boolean> {
    const existed = await Promise.all(keys.map(key => this.delete(key)));
    return existed.includes(true);
  }

  /** Deletes all entries of the namespace; without one, all entries. */
  clear(): Promise<void> {
    return this.#unlessAway(undefined, () =>
      this.#cache.clearKeys(this.namespace === undefined ? '' : `${this.namespace}:`),
    );
  }

  /** Iterates over the entries whose keys begin with the namespace, as pairs of key and value. */
  async *iterator<Value = unknown>(
    namespace = this.namespace,
  ): AsyncGenerator<[string, Value | undefined], void> {
    const keys = await this.#unlessAway<readonly string[]>([], () =>
      this.#cache.keys(namespace === undefined ? '' : `${namespace}:`),
    );
    for (const key of keys) {
      yield [key, await this.get<Value>(key)];
    }
  }

  async #unlessAway<T>(otherwise: T, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StateOutageError)) {
        throw error;
      }
      if (this.listenerCount('error') > 0) {
        this.emit('error', error);
      }
      return otherwise;
    }
  }
}
