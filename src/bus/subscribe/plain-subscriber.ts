import type { ArrivedEvent } from './arrived-event.interface.js';
import type { EventHandler } from './event-handler.js';
import type { Gap } from '../gaps/gap.interface.js';
import { Mailbox } from './mailbox.js';
import type { QueueVitals, Subscriber, SubscriberLimits } from './subscriber.interface.js';

/**
 * A subscriber that gets only live events. Events that arrive while its queue is full are dropped and reported as a
 * gap.
 *
 * @internal
 */
export class PlainSubscriber implements Subscriber {
  readonly #mailbox: Mailbox;

  constructor(handler: EventHandler, limits: SubscriberLimits) {
    this.#mailbox = new Mailbox(handler, limits);
  }

  get queue(): QueueVitals {
    return this.#mailbox.queue;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  onEvent(event: ArrivedEvent): void {
    this.#mailbox.offer(event);
  }

  onGap(gap: Gap): void {
    this.#mailbox.tell(gap);
  }

  onPassed(): void {}

  onResumed(): void {}

  onMemberLeft(): void {}

  close(): Promise<void> {
    return this.#mailbox.close();
  }
}
