import { StateOutageError } from '../../model/errors/state-outage.error.js';
import { UpdateConflictError } from '../../model/errors/update-conflict.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { within } from '../../system/async/within.js';
import {
  checkFunction,
  checkName,
  checkNames,
  checkTtl,
  SET_RULES,
  stateInput,
} from '../state.validation.js';
import { fromJson, toJson } from '../json-value.js';
import type { StateClient } from '../client/state-client.js';
import type { SingleFlight } from './cache/single-flight.js';
import { perform } from './perform.js';

/** Options of `SharedState.set()`, `setIfAbsent()` and `update()`, and of `StateMap.set()`. @publicApi */
export interface SetOptions {
  /** Milliseconds after which the value expires. @defaultValue never */
  readonly ttl?: number | undefined;
}

/** Returns the next value; `undefined` to delete the key. */
type Change<T> = (value: T | undefined) => T | undefined | Promise<T | undefined>;

const A_VALUE = 'a value';

/** How long `getOrSet()` waits for the load of another caller, in milliseconds. */
const LOAD_WAIT = 30_000;

/**
 * JSON values at keys.
 *
 * @internal
 */
export class Values {
  /**
   * The last update of each key in this worker. Updates run one after the other, so they conflict only with other
   * workers.
   */
  readonly #updating = new Map<string, Promise<unknown>>();

  constructor(
    private readonly client: StateClient,
    private readonly flights: SingleFlight,
    private readonly maxValueBytes: number,
  ) {}

  async get<T>(key: string): Promise<T | undefined> {
    checkName(key);
    const text = await perform(this.client, A_VALUE, { name: 'get', key });
    return fromJson(key, text) as T | undefined;
  }

  async getMany<T>(keys: readonly string[]): Promise<Map<string, T>> {
    checkNames(keys);
    const values = await Promise.all(keys.map(key => this.get<T>(key)));
    return new Map(
      keys.flatMap((key, index) => {
        const value = values[index];
        return value === undefined ? [] : [[key, value] as const];
      }),
    );
  }

  async has(key: string): Promise<boolean> {
    checkName(key);
    return perform(this.client, A_VALUE, { name: 'has', key });
  }

  async set(key: string, value: unknown, options: SetOptions = {}): Promise<void> {
    await perform(this.client, A_VALUE, { name: 'set', ...this.#stored(key, value, options) });
  }

  async setIfAbsent(key: string, value: unknown, options: SetOptions = {}): Promise<boolean> {
    const stored = this.#stored(key, value, options);
    return perform(this.client, A_VALUE, { name: 'setIfAbsent', ...stored });
  }

  async getOrSet<T>(key: string, load: () => T | Promise<T>, options: SetOptions): Promise<T> {
    checkName(key);
    checkFunction(key, 'The loader of', load);
    // Before loading: `load` must not run if its result cannot be stored.
    stateInput.options(SET_RULES, '', key, options);
    const read = (): Promise<T | undefined> => this.get<T>(key);
    const value = await read().catch((error: unknown) => {
      if (error instanceof StateOutageError) {
        return undefined;
      }
      throw error;
    });
    return value !== undefined
      ? value
      : this.flights.run({
          id: JSON.stringify(['value', key]),
          read,
          load,
          store: loaded => this.set(key, loaded, options),
          wait: LOAD_WAIT,
        });
  }

  async delete(key: string): Promise<boolean> {
    checkName(key);
    return perform(this.client, A_VALUE, { name: 'delete', key });
  }

  async ttl(key: string): Promise<number | undefined> {
    checkName(key);
    return (await perform(this.client, A_VALUE, { name: 'ttl', key })) ?? undefined;
  }

  async expire(key: string, ttl: number | null): Promise<boolean> {
    checkName(key);
    checkTtl(key, ttl);
    return perform(this.client, A_VALUE, { name: 'expire', key, ttl });
  }

  async update<T>(
    key: string,
    change: Change<T>,
    options: SetOptions = {},
  ): Promise<T | undefined> {
    checkName(key);
    checkFunction(key, 'The change of', change);
    // Before waiting for earlier updates: `change` must not run if its result cannot be stored.
    stateInput.options(SET_RULES, '', key, options);
    const before = this.#updating.get(key) ?? Promise.resolve();
    const update = this.#turn(key, before).then(() => this.#update(key, change, options));
    const settled = update.catch(() => {});
    this.#updating.set(key, settled);
    try {
      return await update;
    } finally {
      if (this.#updating.get(key) === settled) {
        this.#updating.delete(key);
      }
    }
  }

  /** Waits for the update before, but not longer than for a call: it may hang, or wait for this one. */
  async #turn(key: string, before: Promise<unknown>): Promise<void> {
    await within(this.client.timeout, before, () => {
      throw new UpdateConflictError(key, 0);
    });
  }

  /** Compares and sets, and repeats that if another worker has changed the value meanwhile. */
  async #update<T>(key: string, change: Change<T>, options: SetOptions): Promise<T | undefined> {
    const until = monotonicNow() + this.client.timeout;
    for (let attempt = 1; ; attempt++) {
      const expected = await perform(this.client, A_VALUE, { name: 'get', key });
      const value = await change(fromJson(key, expected) as T | undefined);
      if (value === undefined && expected === null) {
        return undefined;
      }
      const stored = value === undefined ? { key, value: null } : this.#stored(key, value, options);
      if (await perform(this.client, A_VALUE, { name: 'replace', expected, ...stored })) {
        return value;
      }
      if (monotonicNow() > until) {
        throw new UpdateConflictError(key, attempt);
      }
    }
  }

  #stored(
    key: string,
    value: unknown,
    options: SetOptions,
  ): { readonly key: string; readonly value: string; readonly ttl?: number } {
    checkName(key);
    const { ttl } = stateInput.options(SET_RULES, '', key, options);
    const text = toJson(key, value, this.maxValueBytes);
    return { key, value: text, ...(ttl !== undefined && { ttl }) };
  }
}
