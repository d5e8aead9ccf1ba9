import { EventHandler, type HandlerSettings } from './event-handler.js';
import { GroupConsumer } from './group/group-consumer.js';
import { GroupSubscriber } from './group/group-subscriber.js';
import { DurableSubscriber } from './durable/durable-subscriber.js';
import { PlainSubscriber } from './plain-subscriber.js';
import type { Subscriber } from './subscriber.interface.js';
import type {
  SubscriptionManagerDependencies,
  SubscriptionTerms,
} from './subscription-terms.interface.js';

/** Creates the kind of subscriber that a subscription needs. @internal */
export function makeSubscriber(
  filter: string,
  settings: HandlerSettings,
  { group, concurrency, retain = false, durable: keeps = false }: SubscriptionTerms,
  deps: SubscriptionManagerDependencies,
): Subscriber {
  const { self, kept, offsets, report, maxQueueBytes, transport, membership } = deps;
  const durable = keeps !== false;
  const handler = new EventHandler(settings, report);
  const limits = { concurrency, maxQueueBytes };
  if (group !== undefined && durable) {
    const consumer = new GroupConsumer(group, self, transport);
    const stand = membership.registered(consumer.name);
    return new GroupSubscriber(filter, handler, limits, kept, consumer, () => {
      stand();
      void membership.announce();
    });
  }
  if (group === undefined && (durable || retain)) {
    const wishes = { durable, retain };
    return new DurableSubscriber(filter, handler, limits, kept, wishes, offsets, self);
  }
  return new PlainSubscriber(handler, limits);
}
