import { addEventMetadata } from './bus-metadata.accessor.js';
import { methodOf } from './decorated-method.js';
import type { EventContext } from '../subscribe/event-context.interface.js';
import { checkFilter, checkSubscription, ON_EVENT_RULES } from '../bus.validation.js';
import { asTopic, type Topic } from '../publish/topic.js';
import type { SubscriptionOptions } from '../subscribe/subscription-options.interface.js';

/** Options of `@OnClusterEvent()`. @publicApi */
export interface OnClusterEventOptions extends SubscriptionOptions {
  /**
   * The name of a method of the same class to call when the subscription has missed events.
   *
   * @defaultValue none: a warning in the log
   */
  readonly onGap?: string | undefined;
}

/**
 * Subscribes a method of a provider or a controller to a topic, or to all topics that match a pattern:
 * `@OnClusterEvent('order.*')`. The method is called with the payload and an `EventContext`, in every worker or, with
 * a `group`, in one of them.
 *
 * A request-scoped class is instantiated for each event; its `REQUEST` is a `HandledEvent`. Methods of lazily loaded
 * modules are not subscribed.
 *
 * @throws BusInputError for an invalid topic or option, and on anything other than an instance method
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
  checkSubscription(name, definition.options, options, ON_EVENT_RULES);
  const { onGap, ...terms } = options;
  return (target, method, descriptor) =>
    addEventMetadata(methodOf(target, method, descriptor, `@OnClusterEvent("${name}")`, name), {
      topic: definition,
      options: { ...terms, ...(onGap !== undefined && { onGap }) },
    });
}

/**
 * Decorates methods that handle events of one type.
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
