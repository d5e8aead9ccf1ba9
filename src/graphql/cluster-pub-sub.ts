import { PubSubEngine } from 'graphql-subscriptions';
import type { ClusterBus } from '../bus/cluster-bus.js';
import type { TopicOptions } from '../bus/publish/topic-options.interface.js';
import { ClusterAsyncIterator } from './cluster-async-iterator.js';
import { type TriggerListener, TriggerSubscription } from './trigger-subscription.js';

/** Options of `ClusterPubSub`. @publicApi */
export interface ClusterPubSubOptions {
  /**
   * Stores events, so that a worker whose connection to the backend was interrupted gets the events that it missed.
   * Use it only if the number of triggers does not grow.
   *
   * @defaultValue false
   */
  readonly durable?: TopicOptions['durable'] | undefined;
}

/** What `PubSubEngine.asyncIterableIterator()` returns. graphql-subscriptions does not export its class. */
type PubSubIterator<T> = ReturnType<typeof PubSubEngine.prototype.asyncIterableIterator<T>>;

/** The topics of triggers begin with this. Patterns that begin with `*` do not match them. */
const PREFIX = '$nestjs-cluster.graphql.';

/**
 * A `PubSubEngine` for GraphQL subscriptions: an event that one worker publishes reaches the subscriptions of the
 * clients of all workers or, with the option `redis`, of all hosts. It replaces the `PubSub` of graphql-subscriptions.
 *
 * Payloads are JSON values. When the worker begins to drain, iterators give the events that have arrived, and then end,
 * so that clients connect to another worker.
 *
 * ```ts
 * const PUB_SUB = {
 *   provide: ClusterPubSub,
 *   inject: [ClusterBus],
 *   useFactory: (bus: ClusterBus) => new ClusterPubSub(bus),
 * };
 * ```
 *
 * @publicApi
 */
export class ClusterPubSub extends PubSubEngine {
  /** The subscriptions of this worker to the bus, by trigger. */
  readonly #triggers = new Map<string, TriggerSubscription>();
  readonly #subscribed = new Map<
    number,
    { readonly trigger: TriggerSubscription; readonly listener: TriggerListener }
  >();
  readonly #iterators = new Set<ClusterAsyncIterator<unknown>>();
  #lastId = 0;

  constructor(
    private readonly bus: ClusterBus,
    private readonly options: ClusterPubSubOptions = {},
  ) {
    super();
    this.#drainSignal?.addEventListener('abort', () => this.#endIterators(), { once: true });
  }

  /**
   * Publishes an event on a trigger. Resolves when the backend has accepted it.
   *
   * @throws BusInputError for an invalid trigger, or a payload that is not JSON or too long
   * @throws BusUnavailableError if the backend does not accept the event within `bus.timeout`
   */
  override publish(triggerName: string, payload: unknown): Promise<void> {
    // A list, because JSON has no `undefined`.
    const values = payload === undefined ? [] : [payload];
    return this.bus.publish(PREFIX + triggerName, values, this.#terms);
  }

  /**
   * Calls `onMessage` with the payload of each event on a trigger. Resolves with the id of the subscription when all
   * events that are published from now on will arrive. If the backend is unavailable, it resolves after at most
   * `bus.timeout`, and the subscription starts when the backend is back.
   *
   * @throws BusInputError for an invalid trigger or option
   */
  override async subscribe(
    triggerName: string,
    // oxlint-disable-next-line typescript/no-unsafe-function-type -- the signature of PubSubEngine
    onMessage: Function,
    _options: object = {},
  ): Promise<number> {
    const trigger = this.#triggerOf(triggerName);
    const listener: TriggerListener = payload => onMessage(payload) as unknown;
    const id = ++this.#lastId;
    this.#subscribed.set(id, { trigger, listener });
    try {
      await trigger.add(listener);
    } catch (error) {
      this.#subscribed.delete(id);
      throw error;
    }
    return id;
  }

  /** Ends a subscription. An unknown id has no effect. */
  override unsubscribe(subId: number): void {
    const subscribed = this.#subscribed.get(subId);
    this.#subscribed.delete(subId);
    subscribed?.trigger.remove(subscribed.listener);
  }

  /**
   * Returns an iterator over the events of one or several triggers. It subscribes when `next()` is called for the
   * first time. When the worker begins to drain, it gives the events that have arrived, and then ends.
   */
  override asyncIterableIterator<T>(triggers: string | readonly string[]): PubSubIterator<T> {
    const iterator = new ClusterAsyncIterator<T>(this, triggers, {
      isOver: () => this.#drainSignal?.aborted === true,
      onEnd: () => this.#iterators.delete(iterator as ClusterAsyncIterator<unknown>),
      onStart: () => this.#iterators.add(iterator as ClusterAsyncIterator<unknown>),
    });
    return iterator as unknown as PubSubIterator<T>;
  }

  /** `undefined` if a test gives a part of a bus. */
  get #drainSignal(): AbortSignal | undefined {
    return this.bus.drainSignal;
  }

  get #terms(): TopicOptions {
    const { durable } = this.options;
    return durable === undefined ? {} : { durable };
  }

  #triggerOf(name: string): TriggerSubscription {
    const known = this.#triggers.get(name);
    if (known) {
      return known;
    }
    const trigger = new TriggerSubscription(
      handler => this.bus.subscribe(PREFIX + name, handler, this.#terms),
      () => {
        if (this.#triggers.get(name) === trigger) {
          this.#triggers.delete(name);
        }
      },
    );
    this.#triggers.set(name, trigger);
    return trigger;
  }

  #endIterators(): void {
    this.#iterators.forEach(iterator => iterator.unsubscribe());
  }
}
