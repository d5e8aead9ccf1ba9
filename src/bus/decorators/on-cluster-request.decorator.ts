import { addRequestMetadata } from './bus-metadata.accessor.js';
import { methodOf } from './decorated-method.js';
import type { RequestContext } from '../subscribe/event-context.interface.js';
import { checkTopic } from '../bus.validation.js';
import { asTopic, type Topic } from '../publish/topic.js';

/**
 * Makes a method of a provider or a controller answer the requests that `ClusterBus.ask()` sends on a topic. The
 * method is called with the payload and a `RequestContext`, and its return value is the answer. If it throws, the
 * requester gets the reason `failed`.
 *
 * Scopes work as with `@OnClusterEvent()`.
 *
 * @throws BusInputError for an invalid topic, and on anything other than an instance method
 * @publicApi
 */
export function OnClusterRequest(topic: string): RequestMethodDecorator<never, unknown>;
export function OnClusterRequest<In, Out, Answer>(
  topic: Topic<In, Out, Answer>,
): RequestMethodDecorator<Out, Answer>;
export function OnClusterRequest(topic: string | Topic): RequestMethodDecorator<never, unknown> {
  const definition = asTopic(topic);
  const { name } = definition;
  checkTopic(name);
  return (target, method, descriptor) =>
    addRequestMetadata(methodOf(target, method, descriptor, `@OnClusterRequest("${name}")`, name), {
      topic: definition,
    });
}

/**
 * Decorates methods that answer requests of one type.
 *
 * @typeParam Method the type of the decorated method
 * @publicApi
 */
export type RequestMethodDecorator<Payload, Answer> = <
  Method extends (payload: Payload, question: RequestContext) => Answer | Promise<Answer>,
>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;
