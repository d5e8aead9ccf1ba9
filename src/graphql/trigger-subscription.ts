import { Logger } from '@nestjs/common';
import type { Subscription } from '../bus/subscribe/event-context.interface.js';
import { printableError } from '../system/text/printable.js';

/** @internal */
export type TriggerListener = (payload: unknown) => unknown;

/**
 * The listeners of one trigger in this worker, which share one subscription to the bus. It begins with the first
 * listener, and ends with the last one.
 *
 * @internal
 */
export class TriggerSubscription {
  readonly #listeners = new Set<TriggerListener>();
  readonly #logger = new Logger('ClusterPubSub');
  #subscribed: Promise<Subscription> | undefined;

  constructor(
    private readonly subscribe: (
      handler: (values: readonly unknown[]) => void,
    ) => Promise<Subscription>,
    /** Called when the subscription ends; it is not used again. */
    private readonly onEnd: () => void,
  ) {}

  /** Adds a listener. Resolves when it gets all events that are published from now on. */
  async add(listener: TriggerListener): Promise<void> {
    this.#listeners.add(listener);
    this.#subscribed ??= this.subscribe(values => this.#take(values));
    try {
      await this.#subscribed;
    } catch (error) {
      this.remove(listener);
      throw error;
    }
  }

  remove(listener: TriggerListener): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) {
      this.onEnd();
      void this.#end();
    }
  }

  async #end(): Promise<void> {
    try {
      await (await this.#subscribed)?.unsubscribe();
    } catch {
      // Whoever subscribed has got the error, and without a subscription there is nothing to end.
    }
  }

  #take(values: readonly unknown[]): void {
    this.#listeners.forEach(listener => void this.#call(listener, values[0]));
  }

  async #call(listener: TriggerListener, payload: unknown): Promise<void> {
    try {
      await listener(payload);
    } catch (error) {
      this.#logger.error(`A listener of a GraphQL subscription failed: ${printableError(error)}`);
    }
  }
}
