import { EventHandler, type HandlerSettings } from './event-handler.js';
import { GroupConsumer } from './group/group-consumer.js';
import { GroupSubscriber } from './group/group-subscriber.js';
import { PlainEventNotice } from './group/plain-event-notice.js';
import { BACKOFF } from './group/retry-policy.js';
import { RetryingHandler } from './group/retrying-handler.js';
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
  terms: SubscriptionTerms,
  deps: SubscriptionManagerDependencies,
): Subscriber {
  const { self, topics, offsets, report, maxQueueBytes, transport, membership } = deps;
  const { group, concurrency, retain = false } = terms;
  const durable = (terms.durable ?? false) !== false;
  const handler = new EventHandler(settings, report, terms.timeout);
  const limits = { concurrency, maxQueueBytes };
  if (group !== undefined && durable) {
    const consumer = new GroupConsumer(group, self, transport, membership);
    const withdraw = membership.registered(consumer.name);
    const { retries = 0, backoff = BACKOFF, deadLetter } = terms;
    const retrying = new RetryingHandler(handler, group, { retries, backoff, deadLetter }, deps);
    const onClosed = (): void => {
      withdraw();
      void membership.announce();
    };
    const notice = new PlainEventNotice({ filter, group }, report);
    return new GroupSubscriber(filter, retrying, limits, topics, consumer, onClosed, notice);
  }
  if (group === undefined && (durable || retain)) {
    const wishes = { durable, retain };
    return new DurableSubscriber(filter, handler, limits, topics, wishes, offsets, self);
  }
  return new PlainSubscriber(handler, limits);
}
