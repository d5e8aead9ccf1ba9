import { checkName, checkOptions, checkWhole } from '../state.validation.js';
import { partitionOf } from '../partition.js';
import type { StateClient } from '../client/state-client.js';
import { Counter } from './counter.js';

const MAX_STRIPES = 1024;

/** Options of `SharedState.counter()` for a counter that is divided. @publicApi */
export interface StripedCounterOptions {
  /** Into how many counters it is divided, 1 to 1024. */
  readonly stripes: number;
  /** As of a counter. @defaultValue 0 */
  readonly replicas?: number;
}

/**
 * A counter that is divided into several, `name#0`, `name#1`, …, which a Redis Cluster has on different
 * nodes: for more increments than one node takes. What it gains there it gives up here: an increment
 * does not tell the total, and there are no bounds.
 *
 * @publicApi
 */
export class StripedCounter {
  readonly #stripes: readonly Counter[];
  /** Always the same one: what this worker counts at once is then one operation. */
  readonly #own: Counter;

  /** @internal */
  constructor(
    client: StateClient,
    /** The name of the counter. */
    readonly name: string,
    options: StripedCounterOptions,
  ) {
    checkName(name, 'The name of a counter');
    checkOptions(name, options, ['stripes', 'replicas']);
    const { stripes, replicas = 0 } = options;
    checkWhole(name, 'stripes of the counter', stripes, 1, MAX_STRIPES);
    // Its stripes have longer names.
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

  /** As of a counter, but without the total. */
  async increment(by = 1): Promise<void> {
    await this.#own.increment(by);
  }

  /** As `increment(-by)`. */
  async decrement(by = 1): Promise<void> {
    await this.#own.decrement(by);
  }

  /** The sum of all stripes, each read in the same moment or shortly after. */
  async get(): Promise<number> {
    const values = await Promise.all(this.#stripes.map(stripe => stripe.get()));
    return values.reduce((sum, value) => sum + value, 0);
  }

  /** Starts anew, stripe by stripe. */
  async reset(): Promise<void> {
    await Promise.all(this.#stripes.map(stripe => stripe.reset()));
  }
}
