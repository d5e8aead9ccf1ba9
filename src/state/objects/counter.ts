import { CounterRangeError } from '../../model/errors/counter-range.error.js';
import { StateTypeError } from '../../model/errors/state-type.error.js';
import { whole } from '../../validation/rules.js';
import { checkName, checkWhole, COUNTER_RULES, stateInput } from '../state.validation.js';
import type { Operation, OperationFailure } from '../operation.js';
import type { CallTerms, StateClient } from '../client/state-client.js';
import { isWholeNumber } from '../whole-number.js';
import { perform, resultOf } from './perform.js';

/** Options of `SharedState.counter()`. @publicApi */
export interface CounterOptions {
  /** The minimum value. @defaultValue Number.MIN_SAFE_INTEGER */
  readonly min?: number | undefined;
  /** The maximum value. @defaultValue Number.MAX_SAFE_INTEGER */
  readonly max?: number | undefined;
  /** Milliseconds after the first increment at which the counter is reset. @defaultValue never */
  readonly ttl?: number | undefined;
  /**
   * The number of Redis replicas that must confirm an increment, so that it survives the loss of the master. One wait
   * covers all increments of a batch. Ignored by the memory backend.
   *
   * @defaultValue `state.replicas`
   */
  readonly replicas?: number | undefined;
}

/**
 * A number that all workers increment. Each increment is applied exactly once, or its call rejects. Each caller gets
 * the value after its own increment.
 *
 * A counter starts at 0, or at the bound that is nearest to 0. It is a number at a key, so `SharedState.get()` can
 * read it, too.
 *
 * @publicApi
 */
export class Counter {
  readonly #min: number;
  readonly #max: number;
  readonly #ttl: { readonly ttl?: number };
  readonly #terms: CallTerms;
  readonly #byOne: Operation<'increment'>;

  /** @internal */
  constructor(
    private readonly client: StateClient,
    /** The name of the counter. */
    readonly name: string,
    options: CounterOptions = {},
  ) {
    const { min, max, ttl, replicas } = checkCounter(name, options);
    this.#min = min;
    this.#max = max;
    this.#ttl = ttl === undefined ? {} : { ttl };
    this.#terms = { replicas };
    this.#byOne = { name: 'increment', key: name, runs: [[1, 1]], min, max, ...this.#ttl };
  }

  /**
   * Increments the counter by a whole number.
   *
   * @returns the value after this increment; no two callers get the same value from increments by 1
   * @throws CounterRangeError if the counter would leave its bounds; the counter is not changed
   * @throws StateInputError unless `by` is a whole number
   * @throws StateTypeError if the key does not hold a counter
   * @throws StateUnavailableError if it was not applied, AmbiguousResultError if it may have been
   */
  increment(by = 1): Promise<number> {
    // By far the most frequent case: all calls share one operation object.
    return by === 1 ? this.#count(this.#byOne) : this.#countBy(by);
  }

  /** Same as `increment(-by)`. */
  async decrement(by = 1): Promise<number> {
    checkWhole(this.name, 'A decrement of the counter', by);
    return this.increment(by === 0 ? 0 : -by);
  }

  /** Returns the value. */
  async get(): Promise<number> {
    const text = await perform(this.client, 'a counter', { name: 'get', key: this.name });
    if (text === null) {
      return this.#start;
    }
    if (!isWholeNumber(text)) {
      throw new StateTypeError(this.name, 'a counter', text.slice(0, 40));
    }
    return Number(text);
  }

  /**
   * Sets the counter to a value.
   *
   * @returns the new value
   * @throws CounterRangeError if the value is not within the bounds
   */
  async set(value: number): Promise<number> {
    checkWhole(this.name, 'The value of the counter', value);
    if (value < this.#min || value > this.#max) {
      const bound = value > this.#max ? 'max' : 'min';
      throw new CounterRangeError(this.name, `the value ${value}`, bound, this.#min, this.#max);
    }
    await perform(this.client, 'a counter', {
      name: 'set',
      key: this.name,
      value: String(value),
      ...this.#ttl,
    });
    return value;
  }

  /**
   * Resets the counter.
   *
   * @returns the start value
   */
  async reset(): Promise<number> {
    await perform(this.client, 'a counter', { name: 'delete', key: this.name, only: 'value' });
    return this.#start;
  }

  async #countBy(by: number): Promise<number> {
    checkWhole(this.name, 'An increment of the counter', by);
    return this.#count({ ...this.#byOne, runs: [[by, 1]] });
  }

  #count(operation: Operation<'increment'>): Promise<number> {
    return this.client.run(operation, readValue, this.#terms);
  }

  get #start(): number {
    return Math.min(this.#max, Math.max(this.#min, 0));
  }
}

/**
 * Validates the name and options of a counter, and fills in the defaults.
 *
 * @throws StateInputError for an invalid name or option
 * @internal
 */
export function checkCounter(name: string, options: CounterOptions) {
  checkName(name, 'The name of a counter');
  const {
    min = Number.MIN_SAFE_INTEGER,
    max = Number.MAX_SAFE_INTEGER,
    ttl,
    replicas = 0,
  } = stateInput.options(COUNTER_RULES, 'the counter', name, options);
  if (max < min) {
    checkWhole(name, 'max of the counter', max, whole(min));
  }
  return { min, max, ttl, replicas };
}

function readValue(
  result: number | null | OperationFailure,
  operation: Operation<'increment'>,
): number {
  const value = resultOf(operation, 'a counter', result);
  if (value === null) {
    const { key, runs, min, max } = operation;
    const by = runs[0]![0];
    const bound = by > 0 ? 'max' : 'min';
    throw new CounterRangeError(key, `an increment by ${by}`, bound, min, max);
  }
  return value;
}
