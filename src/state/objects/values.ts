import { UpdateConflictError } from '../../model/errors/update-conflict.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { within } from '../../system/async/within.js';
import {
  checkFunction,
  checkMilliseconds,
  checkName,
  checkNames,
  checkOptions,
} from '../state.validation.js';
import { fromJson, toJson } from '../json-value.js';
import type { StateClient } from '../client/state-client.js';
import { perform } from './perform.js';

/** Options of `SharedState.set()`, `setIfAbsent()` and `update()`. @publicApi */
export interface SetOptions {
  /** Milliseconds after which the value is gone. @defaultValue for ever */
  readonly ttl?: number;
}

const A_VALUE = 'a value';

/**
 * JSON values at keys.
 *
 * @internal
 */
export class Values {
  /** Updates of this worker take their turns: they conflict with those of others only. */
  readonly #updating = new Map<string, Promise<unknown>>();

  constructor(
    private readonly client: StateClient,
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

  async delete(key: string): Promise<boolean> {
    checkName(key);
    return perform(this.client, A_VALUE, { name: 'delete', key });
  }

  async update<T>(
    key: string,
    change: (value: T | undefined) => T | Promise<T>,
    options: SetOptions = {},
  ): Promise<T> {
    checkName(key);
    checkFunction(key, 'The change of', change);
    // Before anybody's turn: `change` must not run for what cannot be stored.
    checkSetOptions(key, options);
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

  /** One that hangs, or that waits for itself, is not waited for longer than for a call. */
  async #turn(key: string, before: Promise<unknown>): Promise<void> {
    await within(this.client.timeout, before, () => {
      throw new UpdateConflictError(key, 0);
    });
  }

  /** Compare and set, until nobody else has come in between. */
  async #update<T>(
    key: string,
    change: (value: T | undefined) => T | Promise<T>,
    options: SetOptions,
  ): Promise<T> {
    const until = monotonicNow() + this.client.timeout;
    for (let attempt = 1; ; attempt++) {
      const expected = await perform(this.client, A_VALUE, { name: 'get', key });
      const value = await change(fromJson(key, expected) as T | undefined);
      const stored = this.#stored(key, value, options);
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
    checkSetOptions(key, options);
    const { ttl } = options;
    const text = toJson(key, value, this.maxValueBytes);
    return { key, value: text, ...(ttl !== undefined && { ttl }) };
  }
}

function checkSetOptions(key: string, options: SetOptions): void {
  checkOptions(key, options, ['ttl']);
  if (options.ttl !== undefined) {
    checkMilliseconds(key, 'ttl of', options.ttl);
  }
}
