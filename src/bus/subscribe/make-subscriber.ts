import { EventHandler, type HandlerSettings } from './event-handler.js';
import { GroupSeat } from './group/group-consumer.js';
import { GroupSubscriber } from './group/group-subscriber.js';
import { KeptSubscriber } from './durable/durable-subscriber.js';
import { PlainSubscriber } from './plain-subscriber.js';
import type { Subscriber } from './subscriber.interface.js';
import type {
  SubscriptionsDependencies,
  SubscriptionTerms,
} from './subscription-terms.interface.js';

/** The kind of subscriber that a subscription wants. @internal */
export function makeSubscriber(
  filter: string,
  settings: HandlerSettings,
  { group, concurrency, retain = false, reliable: keeps = false }: SubscriptionTerms,
  deps: SubscriptionsDependencies,
): Subscriber {
  const { self, kept, positions, report, maxQueueBytes, transport, presence } = deps;
  const reliable = keeps !== false;
  const handler = new EventHandler(settings, report);
  const limits = { concurrency, maxQueueBytes };
  if (group !== undefined && reliable) {
    const seat = new GroupSeat(group, self, transport);
    const stand = presence.sits(seat.name);
    return new GroupSubscriber(filter, handler, limits, kept, seat, () => {
      stand();
      void presence.announce();
    });
  }
  if (group === undefined && (reliable || retain)) {
    const wishes = { reliable, retain };
    return new KeptSubscriber(filter, handler, limits, kept, wishes, positions, self);
  }
  return new PlainSubscriber(handler, limits);
}
