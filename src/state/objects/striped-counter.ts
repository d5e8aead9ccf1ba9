import { checkName, MAX_STRIPES, stateInput, STRIPED_COUNTER_RULES } from '../state.validation.js';
import { partitionOf } from '../partition.js';
import type { StateClient } from '../client/state-client.js';
import { Counter } from './counter.js';

/** Options of `SharedState.counter()` for a striped counter. @publicApi */
export interface StripedCounterOptions {
  /** The number of stripes, 1 to 1024. */
  readonly stripes: number;
  /** The number of replicas that must confirm an increment, as with a counter. @defaultValue 0 */
  readonly replicas?: number | undefined;
}

/**
 * A counter that consists of several stripes, `name#0`, `name#1`, …, on different nodes of a Redis Cluster. It takes
 * more increments than one node can. In return, an increment does not return the total, and there are no bounds.
 *
 * @publicApi
 */
export class StripedCounter {
  readonly #stripes: readonly Counter[];
  /** The stripe of this worker. It is always the same one, so that its increments coalesce into one operation. */
  readonly #own: Counter;

  /** @internal */
  constructor(
    client: StateClient,
    /** The name of the counter. */
    readonly name: string,
    options: StripedCounterOptions,
  ) {
    checkName(name, 'The name of a counter');
    const { stripes, replicas = 0 } = stateInput.options(
      STRIPED_COUNTER_RULES,
      'the counter',
      name,
      options,
    );
    // The names of the stripes are longer.
    checkName(
      `${name}#${MAX_STRIPES}`,
      'The name of a striped counter, with the number of a stripe,',
    );
    this.#stripes = Array.from(
      { length: stripes },
      (_, index) => new Counter(client, `${name}#${index}`, { replicas }),
    );
    this.#own = this.#stripes[partitionOf(client.id) % stripes]!;
  }

  /** Increments the counter by a whole number; does not return the total. */
  async increment(by = 1): Promise<void> {
    await this.#own.increment(by);
  }

  /** Same as `increment(-by)`. */
  async decrement(by = 1): Promise<void> {
    await this.#own.decrement(by);
  }

  /** Returns the sum of all stripes, which are read at almost the same time. */
  async get(): Promise<number> {
    const values = await Promise.all(this.#stripes.map(stripe => stripe.get()));
    return values.reduce((sum, value) => sum + value, 0);
  }

  /** Resets all stripes, one after the other. */
  async reset(): Promise<void> {
    await Promise.all(this.#stripes.map(stripe => stripe.reset()));
  }
}
