import { LockTimeoutError } from '../../../model/errors/lock-timeout.error.js';
import { StateOutageError } from '../../../model/errors/state-outage.error.js';
import { monotonicNow } from '../../../system/time/monotonic-now.js';
import type { StateClient } from '../../client/state-client.js';
import { fromJson, toJson } from '../../json-value.js';
import type { CallResult, Operation, Operations } from '../../operation.js';
import {
  CACHE_SET_RULES,
  CACHE_WRAP_RULES,
  checkFunction,
  checkName,
  stateInput,
} from '../../state.validation.js';
import { perform } from '../perform.js';
import type { CacheFeed, CarriedEntry } from './cache-feed.interface.js';
import type { CacheSetOptions, CacheWrapOptions } from './cache-options.interface.js';
import type { NearCache } from './near-cache.js';
import type { ReloadLog } from './reload-log.js';
import type { SingleFlight } from './single-flight.js';

const A_CACHE = 'a cache';

/** The default time to wait for the load of another caller, in milliseconds. */
const WAIT = 30_000;

/** The longest JSON text that is carried to the copies in other workers. They read a longer one when they need it. */
const MAX_CARRIED = 4_096;

/** The parts and limits of a cache. @internal */
export interface CacheParts {
  readonly client: StateClient;
  readonly flights: SingleFlight;
  readonly feed: CacheFeed;
  readonly near: NearCache | undefined;
  readonly reloadLog: Pick<ReloadLog, 'failed'>;
  readonly maxValueBytes: number;
  readonly ttl?: number | undefined;
  readonly maxEntries: number;
  readonly maxBytes?: number | undefined;
}

type Entry = NonNullable<Operations['cacheGet']['gives']>;

/**
 * A cache that all workers share. When it is full, the least recently used entries are removed.
 *
 * Each method may throw `StateInputError` or a `StateOutageError`; `wrap()` loads without the cache if the backend does
 * not answer.
 *
 * @publicApi
 */
export class StateCache<T = unknown> {
  /** @internal */
  constructor(
    /** The name of the cache. */
    readonly name: string,
    private readonly parts: CacheParts,
  ) {}

  /** Returns the value of a key; `undefined` if there is none, or if it has expired. */
  get(key: string): Promise<T | undefined> {
    const copy = this.parts.near?.get(key);
    if (copy === undefined) {
      return this.#get(key);
    }
    this.#count(true);
    return Promise.resolve(copy as T);
  }

  /** Stores a value. With a near cache, resolves when the other workers are about to hear of it. */
  async set(key: string, value: T, options: CacheSetOptions = {}): Promise<void> {
    checkName(key, 'A key of a cache');
    const { ttl } = stateInput.options(CACHE_SET_RULES, '', key, options);
    await this.#set(key, value, ttl, 0);
  }

  /** Deletes an entry. @returns whether it existed */
  async delete(key: string): Promise<boolean> {
    checkName(key, 'A key of a cache');
    return this.#change(key, { name: 'cacheDelete', key: this.name, field: key });
  }

  /** Deletes all entries. */
  clear(): Promise<void> {
    return this.clearKeys('');
  }

  /** Returns the keys that begin with a prefix. @internal */
  async keys(prefix: string): Promise<readonly string[]> {
    return perform(this.parts.client, A_CACHE, { name: 'cacheKeys', key: this.name, prefix });
  }

  /** Deletes the entries whose keys begin with a prefix. @internal */
  async clearKeys(prefix: string): Promise<void> {
    await this.#change(undefined, { name: 'cacheClear', key: this.name, prefix });
  }

  /**
   * Returns the value of a key. If there is none, loads and stores it: once, however many callers of all workers need it
   * at the same time. If the loader fails, all of them get an error, and nothing is stored.
   *
   * A loader that returns `undefined` is an error, because `undefined` cannot be stored.
   *
   * @throws CacheLoadError if the loader failed in another worker
   * @throws LockTimeoutError if another caller loads for longer than `wait`
   * @throws the error of the loader
   */
  async wrap(key: string, load: () => T | Promise<T>, options: CacheWrapOptions = {}): Promise<T> {
    checkName(key, 'A key of a cache');
    checkFunction(key, 'The loader of', load);
    const { ttl, stale = 0, wait = WAIT } = stateInput.options(CACHE_WRAP_RULES, '', key, options);
    const copy = this.parts.near?.get(key);
    if (copy !== undefined) {
      this.#count(true);
      return copy as T;
    }
    const keep = this.parts.near?.reading(key);
    let entry: Entry | null = null;
    try {
      entry = await this.#read(key);
    } catch (error) {
      if (!(error instanceof StateOutageError)) {
        throw error;
      }
    }
    this.#count(entry !== null);
    const flight = {
      id: JSON.stringify(['cache', this.name, key]),
      read: () => this.#look(key),
      load,
      store: (value: T) => this.#set(key, value, ttl, stale),
      wait,
    };
    if (!entry) {
      return this.parts.flights.run(flight);
    }
    if (isFresh(entry)) {
      return keep ? (keep(entry) as T) : this.#valueOf(key, entry);
    }
    this.#reload(key, flight.id, () => this.parts.flights.run({ ...flight, wait: 0 }));
    return this.#valueOf(key, entry);
  }

  /** Loads a new value while the old one is served. Nobody waits for it. */
  #reload(key: string, id: string, run: () => Promise<T>): void {
    if (this.parts.flights.has(id)) {
      return;
    }
    run().catch((error: unknown) => {
      // Another worker loads it.
      if (!(error instanceof LockTimeoutError)) {
        this.parts.reloadLog.failed(this.name, key, error);
      }
    });
  }

  async #get(key: string): Promise<T | undefined> {
    const value = await this.#look(key);
    this.#count(value !== undefined);
    return value;
  }

  #count(isHit: boolean): void {
    const reads = this.parts.client.cacheReads.of(this.name);
    if (isHit) {
      reads.hits++;
    } else {
      reads.misses++;
    }
  }

  async #look(key: string): Promise<T | undefined> {
    checkName(key, 'A key of a cache');
    const keep = this.parts.near?.reading(key);
    const entry = await this.#read(key);
    if (!entry || !isFresh(entry)) {
      return undefined;
    }
    return keep ? (keep(entry) as T) : this.#valueOf(key, entry);
  }

  #read(key: string): Promise<Entry | null> {
    return perform(this.parts.client, A_CACHE, { name: 'cacheGet', key: this.name, field: key });
  }

  #valueOf(key: string, { value }: Entry): T {
    return fromJson(`${this.name}.${key}`, value) as T;
  }

  async #set(key: string, value: T, ttl: number | undefined, stale: number): Promise<void> {
    const { maxValueBytes, maxEntries, maxBytes, ttl: usual } = this.parts;
    const life = ttl ?? usual;
    const text = toJson(`${this.name}.${key}`, value, maxValueBytes);
    const operation = {
      name: 'cacheSet',
      key: this.name,
      field: key,
      value: text,
      ...(life !== undefined && { ttl: life }),
      stale,
      maxEntries,
      ...(maxBytes !== undefined && { maxBytes }),
    } as const;
    const askedAt = monotonicNow();
    await this.#change(key, operation, version => {
      if (version === 0 || text.length > MAX_CARRIED) {
        return undefined;
      }
      // It may have been stored long before the answer, if that needed several attempts.
      const waited = Math.ceil(monotonicNow() - askedAt);
      const freshFor = life === undefined ? null : Math.max(0, life - waited);
      return { value: text, freshFor, version };
    });
  }

  /**
   * Changes an entry, or all of them. Copies are replaced by the new entry, or dropped, also after an error: the change
   * may have been applied.
   */
  async #change<Name extends 'cacheSet' | 'cacheDelete' | 'cacheClear'>(
    key: string | undefined,
    operation: Operation<Name>,
    entryOf?: (result: CallResult<Name>) => CarriedEntry | undefined,
  ): Promise<CallResult<Name>> {
    const { client, near, feed } = this.parts;
    let entry: CarriedEntry | undefined;
    try {
      const result = await perform(client, A_CACHE, operation);
      entry = entryOf?.(result);
      return result;
    } finally {
      if (near) {
        const change = { ...(key !== undefined && { key }), ...(entry && { entry }) };
        near.change(change);
        await feed.announce(this.name, change);
      }
    }
  }
}

function isFresh({ freshFor }: Entry): boolean {
  return freshFor === null || freshFor > 0;
}
