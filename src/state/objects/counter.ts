import { CounterRangeError } from '../../model/errors/counter-range.error.js';
import { StateTypeError } from '../../model/errors/state-type.error.js';
import { checkMilliseconds, checkName, checkOptions, checkWhole } from '../state.validation.js';
import type { Operation, OperationFailure } from '../operation.js';
import type { CallTerms, StateClient } from '../client/state-client.js';
import { isWholeNumber } from '../whole-number.js';
import { perform, resultOf } from './perform.js';

/** Options of `SharedState.counter()`. @publicApi */
export interface CounterOptions {
  /** The counter never falls below. @defaultValue Number.MIN_SAFE_INTEGER */
  readonly min?: number;
  /** The counter never rises above. @defaultValue Number.MAX_SAFE_INTEGER */
  readonly max?: number;
  /** Milliseconds after which a counter starts anew, from the first increment on. @defaultValue for ever */
  readonly ttl?: number;
  /**
   * How many replicas of Redis must have an increment before it counts as made: it then survives the
   * loss of the master. One wait for all the increments of a batch. In memory there are no replicas.
   *
   * @defaultValue `state.replicas`
   */
  readonly replicas?: number;
}

const OPTIONS: readonly (keyof CounterOptions)[] = ['min', 'max', 'ttl', 'replicas'];

/**
 * A number that all workers count. Each increment is made once, or its caller is told otherwise; each
 * caller gets the value that its own increment has made.
 *
 * A counter that nobody has incremented is 0, or the bound that is nearest to 0. It is a number at a key:
 * `SharedState.get()` reads it, too.
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
   * @returns the value that this increment has made: no two callers get the same one
   * @throws CounterRangeError if the counter would leave its bounds; it is unchanged then
   * @throws StateInputError unless `by` is a whole number
   * @throws StateTypeError if something else than a counter stands there
   * @throws StateUnavailableError if it was not applied, AmbiguousResultError if it may have been
   */
  increment(by = 1): Promise<number> {
    // By far the most frequent: one operation for all of them.
    return by === 1 ? this.#count(this.#byOne) : this.#countBy(by);
  }

  /** As `increment(-by)`. */
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
   * @returns the new value
   * @throws CounterRangeError if it is not within the bounds
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
   * Starts anew.
   *
   * @returns the value it starts with
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
 * The options of a counter with nothing left open.
 *
 * @throws StateInputError for a name or an option that cannot be
 * @internal
 */
export function checkCounter(name: string, options: CounterOptions) {
  checkName(name, 'The name of a counter');
  checkOptions(name, options, OPTIONS);
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
  const { ttl, replicas = 0 } = options;
  checkWhole(name, 'min of the counter', min);
  checkWhole(name, 'max of the counter', max, min);
  checkWhole(name, 'replicas of the counter', replicas, 0, 100);
  if (ttl !== undefined) {
    checkMilliseconds(name, 'ttl of the counter', ttl);
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
