import { addEventMetadata } from './bus-metadata.accessor.js';
import { methodOf } from './decorated-method.js';
import type { EventContext } from '../subscribe/event-context.interface.js';
import { checkFilter, checkOptions, checkSubscription } from '../bus.validation.js';
import { asTopic, type Topic } from '../publish/topic.js';
import { BusInputError } from '../../model/errors/bus-input.error.js';
import { shown } from '../../system/text/shown.js';
import type { SubscriptionOptions } from '../cluster-bus.js';

/** Options of `@OnClusterEvent()`. @publicApi */
export interface OnClusterEventOptions extends SubscriptionOptions {
  /**
   * The name of the method of the same class that is told of events that were missed.
   *
   * @defaultValue none: a warning in the log
   */
  readonly onGap?: string;
}

/**
 * Subscribes a method of a provider or a controller to a topic, or to all topics that a pattern matches:
 * `@OnClusterEvent('order.*')`. It is called with the payload and an `EventContext`, in every worker or,
 * with a `group`, in one of them.
 *
 * Request-scoped classes are made anew for each event; what they inject as `REQUEST` is a
 * `HandledEvent`. For classes that are loaded before the application is created.
 *
 * @throws BusInputError for a topic or an option that cannot be, and on anything else than a method of instances
 * @publicApi
 */
export function OnClusterEvent(
  topic: string,
  options?: OnClusterEventOptions,
): EventMethodDecorator<never>;
export function OnClusterEvent<In, Out>(
  topic: Topic<In, Out>,
  options?: OnClusterEventOptions,
): EventMethodDecorator<Out>;
export function OnClusterEvent(
  topic: string | Topic,
  options: OnClusterEventOptions = {},
): EventMethodDecorator<never> {
  const definition = asTopic(topic);
  const { name } = definition;
  checkFilter(name);
  checkOptions(name, options, ['group', 'concurrency', 'onGap', 'durable', 'retain']);
  const { onGap, ...terms } = options;
  checkSubscription(name, terms);
  if (onGap !== undefined && (typeof onGap !== 'string' || onGap === '')) {
    throw new BusInputError(
      name,
      `onGap of @OnClusterEvent("${name}") is the name of a method of the same class, not ${shown(onGap)}.`,
    );
  }
  return (target, method, descriptor) =>
    addEventMetadata(methodOf(target, method, descriptor, `@OnClusterEvent("${name}")`, name), {
      topic: definition,
      options: { ...terms, ...(onGap !== undefined && { onGap }) },
    });
}

/**
 * Decorates methods that take events of a type.
 *
 * @typeParam Method the type of the decorated method
 * @publicApi
 */
export type EventMethodDecorator<Payload> = <
  Method extends (payload: Payload, event: EventContext) => unknown,
>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;
