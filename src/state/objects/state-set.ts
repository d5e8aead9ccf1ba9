import { StateInputError } from '../../model/errors/state-input.error.js';
import { checkName, MAX_KEY_BYTES, SET_RULES, stateInput } from '../state.validation.js';
import { fromJson, toJson } from '../json-value.js';
import type { StateClient } from '../client/state-client.js';
import { perform } from './perform.js';

const A_SET = 'a set';

/** Stored for each member, which is the field. */
const PRESENT = '1';

/** Options of `SharedState.stateSet()`. @publicApi */
export interface StateSetOptions {
  /** Milliseconds after which a member is removed, unless it is added again. @defaultValue never */
  readonly ttl?: number | undefined;
}

/**
 * A set of JSON values. It exists as long as it has a member. Two members are the same if their JSON texts are, so
 * the order of properties matters.
 *
 * A set is stored as a map whose fields are the members, as JSON texts of at most 1,024 bytes.
 *
 * Each method may throw `StateInputError`, `StateTypeError`, `StateUnavailableError` or, if it changes the set,
 * `AmbiguousResultError` or `StateFullError`.
 *
 * @publicApi
 */
export class StateSet<T = unknown> {
  readonly #ttl: { readonly ttl?: number };

  /** @internal */
  constructor(
    private readonly client: StateClient,
    /** The name of the set. */
    readonly name: string,
    options: StateSetOptions = {},
  ) {
    checkName(name, 'The name of a set');
    const { ttl } = stateInput.options(SET_RULES, 'the set', name, options);
    this.#ttl = ttl === undefined ? {} : { ttl };
  }

  /** Adds a member; its time to live starts again. @returns whether it is new */
  async add(member: T): Promise<boolean> {
    const field = this.#fieldOf(member);
    return perform(this.client, A_SET, {
      name: 'mapSet',
      key: this.name,
      field,
      value: PRESENT,
      ...this.#ttl,
    });
  }

  /** Removes a member. @returns whether it was in the set */
  async remove(member: T): Promise<boolean> {
    const field = this.#fieldOf(member);
    return perform(this.client, A_SET, { name: 'mapDelete', key: this.name, field });
  }

  /** Returns whether the set has the member. */
  async has(member: T): Promise<boolean> {
    const field = this.#fieldOf(member);
    return perform(this.client, A_SET, { name: 'mapHas', key: this.name, field });
  }

  /** Returns the number of members. */
  async size(): Promise<number> {
    return perform(this.client, A_SET, { name: 'mapSize', key: this.name });
  }

  /** Returns all members at once, in no particular order. The set must fit into memory. */
  async members(): Promise<T[]> {
    const entries = await perform(this.client, A_SET, { name: 'mapEntries', key: this.name });
    return entries.map(([field]) => fromJson(this.name, field) as T);
  }

  #fieldOf(member: T): string {
    const text = toJson(this.name, member, MAX_KEY_BYTES, tooLong);
    return text;
  }
}

function tooLong(key: string, bytes: number): StateInputError {
  return new StateInputError(
    key,
    `A member of the set "${key}" is ${bytes} bytes long as JSON; the maximum is ${MAX_KEY_BYTES}. Add an identifier, and store the rest as a value.`,
  );
}
