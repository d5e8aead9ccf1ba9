import type { Gap } from '../gaps/gap.interface.js';
import type { TopicOptions } from '../publish/topic-options.interface.js';

/** Options of subscriptions, for both `ClusterBus.subscribe()` and `@OnClusterEvent()`. @publicApi */
export interface SubscriptionOptions extends TopicOptions {
  /**
   * The name of a consumer group: each event goes to one subscriber of the group, in any worker.
   *
   * @defaultValue none: every subscriber gets every event
   */
  readonly group?: string | undefined;
  /**
   * The maximum number of events that are handled at the same time. An event counts as handled when the promise that
   * the handler returned has settled.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number | undefined;
  /**
   * Milliseconds that an asynchronous schema and the handler together may take for one event. After that, the event counts
   * as failed, and the next one is handled; the handler is not interrupted.
   *
   * @defaultValue none: the handler may take any time
   */
  readonly timeout?: number | undefined;
  /**
   * How often an event is handled again after its handler has failed. Only for groups of durable topics.
   *
   * @defaultValue 0
   */
  readonly retries?: number | undefined;
  /**
   * Milliseconds before the first retry. The delay doubles with each retry, up to five minutes, and is shortened by a
   * random time of up to a half.
   *
   * @defaultValue 1000
   */
  readonly backoff?: number | undefined;
  /**
   * The durable topic on which an event whose last attempt has failed is published, as a `DeadLetter`. Only for groups
   * of durable topics.
   *
   * @defaultValue none: the event counts as handled, and the failure is logged
   */
  readonly deadLetter?: string | undefined;
}

/** Options of `ClusterBus.subscribe()`. @publicApi */
export interface SubscribeOptions extends SubscriptionOptions {
  /**
   * Called when the subscription has missed events.
   *
   * @defaultValue a warning in the log
   */
  readonly onGap?: ((gap: Gap) => unknown) | undefined;
}
