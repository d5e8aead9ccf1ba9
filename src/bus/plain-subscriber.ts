import type { ArrivedEvent, FeedListener } from './arrived-event.interface.js';
import type { EventHandler } from './event-handler.js';
import type { Gap } from './gap.interface.js';
import { Mailbox } from './mailbox.js';
import type { Subscriber, SubscriberLimits } from './subscriber.interface.js';

/**
 * Gets events as they come. What comes when too much waits already is dropped, and told as a gap.
 *
 * @internal
 */
export class PlainSubscriber implements Subscriber, FeedListener {
  readonly #mailbox: Mailbox;

  constructor(
    private readonly handler: EventHandler,
    { concurrency, maxQueueBytes }: SubscriberLimits,
    /** By which events say for whom of a group they are: it gets those that are for `member`. */
    private readonly group?: { readonly key: string; readonly member: string },
  ) {
    this.#mailbox = new Mailbox(
      {
        handle: event => handler.handle(event),
        onGap: gap => handler.gap(gap),
        onRoom: () => {},
      },
      concurrency,
      maxQueueBytes,
    );
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  onEvent(event: ArrivedEvent): void {
    if (!this.group || event.to?.[this.group.key] === this.group.member) {
      this.#mailbox.offer(event);
    }
  }

  onGap(gap: Gap): void {
    // Which of those that are missing were for this one of a group, nobody knows.
    this.#mailbox.tell(this.group ? { ...gap, missed: undefined } : gap);
  }

  onResumed(): void {}

  onMemberLeft(): void {}

  close(): Promise<void> {
    return this.#mailbox.close();
  }
}
