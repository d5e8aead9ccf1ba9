import { checkName, checkWhole, SET_RULES, stateInput } from '../state.validation.js';
import { fromJson, toJson } from '../json-value.js';
import type { StateClient } from '../client/state-client.js';
import { perform } from './perform.js';
import type { SetOptions } from './values.js';

const A_MAP = 'a map';

/**
 * A map of fields to JSON values. It exists as long as it has a field.
 *
 * Each method may throw `StateInputError`, `StateTypeError`, `StateUnavailableError` or, if it changes the map,
 * `AmbiguousResultError` or `StateFullError`.
 *
 * @publicApi
 */
export class StateMap<T = unknown> {
  /** @internal */
  constructor(
    private readonly client: StateClient,
    /** The name of the map. */
    readonly name: string,
    private readonly maxValueBytes: number,
  ) {
    checkName(name, 'The name of a map');
  }

  /** Returns the value of a field; `undefined` if the field does not exist. */
  async get(field: string): Promise<T | undefined> {
    checkName(field, 'A field');
    const text = await perform(this.client, A_MAP, { name: 'mapGet', key: this.name, field });
    return fromJson(this.#pathOf(field), text) as T | undefined;
  }

  /** Returns whether the field exists. */
  async has(field: string): Promise<boolean> {
    checkName(field, 'A field');
    return perform(this.client, A_MAP, { name: 'mapHas', key: this.name, field });
  }

  /**
   * Sets the value of a field. With `ttl`, only this field expires after that many milliseconds; without it, the field
   * no longer expires.
   */
  async set(field: string, value: T, options: SetOptions = {}): Promise<void> {
    checkName(field, 'A field');
    const path = this.#pathOf(field);
    const { ttl } = stateInput.options(SET_RULES, '', path, options);
    const text = toJson(path, value, this.maxValueBytes);
    await perform(this.client, A_MAP, {
      name: 'mapSet',
      key: this.name,
      field,
      value: text,
      ...(ttl !== undefined && { ttl }),
    });
  }

  /** Deletes a field. @returns whether it existed */
  async delete(field: string): Promise<boolean> {
    checkName(field, 'A field');
    return perform(this.client, A_MAP, { name: 'mapDelete', key: this.name, field });
  }

  /**
   * Increments a field that is a whole number or does not exist.
   *
   * @returns the value after this increment
   * @throws CounterRangeError if the value would exceed the safe integers
   */
  async increment(field: string, by = 1): Promise<number> {
    checkName(field, 'A field');
    checkWhole(this.#pathOf(field), 'An increment of', by);
    return perform(this.client, A_MAP, { name: 'mapIncrement', key: this.name, field, by });
  }

  /** Returns all fields and values at once, in no particular order. The map must fit into memory. */
  async entries(): Promise<[field: string, value: T][]> {
    const entries = await perform(this.client, A_MAP, { name: 'mapEntries', key: this.name });
    return entries.map(([field, text]) => [field, fromJson(this.#pathOf(field), text) as T]);
  }

  /** Returns the number of fields. */
  async size(): Promise<number> {
    return perform(this.client, A_MAP, { name: 'mapSize', key: this.name });
  }

  /** Deletes all fields. */
  async clear(): Promise<void> {
    await perform(this.client, A_MAP, { name: 'delete', key: this.name, only: 'map' });
  }

  #pathOf(field: string): string {
    return `${this.name}.${field}`;
  }
}
