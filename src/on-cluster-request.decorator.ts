import { addRequestMetadata } from './bus/bus-metadata.accessor.js';
import { checkTopic } from './bus/input.js';
import { asTopic, type Topic } from './bus/topic.js';

/**
 * Has a method of a provider or a controller answer the questions on a topic that `ClusterBus.ask()` puts
 * to all workers: with what it returns, or as failed if it throws. It is called with the payload and a
 * `QuestionContext`.
 *
 * Scopes as with `@OnClusterEvent()`.
 *
 * @throws BusInputError for a topic that cannot be
 * @publicApi
 */
export function OnClusterRequest(topic: string | Topic): MethodDecorator {
  const definition = asTopic(topic);
  checkTopic(definition.name);
  return (_target, _name, descriptor) =>
    addRequestMetadata(descriptor.value as object, { topic: definition });
}
