import type { ArrivedEvent } from '../arrived-event.interface.js';
import { GroupReader } from './group-reader.js';
import type { GroupConsumer } from './group-consumer.js';
import type { DurableTopics } from '../../publish/durable-topics.js';
import { Mailbox, type MailboxHandler } from '../mailbox.js';
import type { PlainEventNotice } from './plain-event-notice.js';
import { Semaphore } from './semaphore.js';
import type { QueueVitals, Subscriber, SubscriberLimits } from '../subscriber.interface.js';
import { isPattern } from '../../topic-filter.js';

/**
 * A subscriber of a consumer group on durable topics. Each event is handled by one member of the group; if that
 * member dies before it has finished, another member gets the event.
 *
 * @internal
 */
export class GroupSubscriber implements Subscriber {
  readonly #mailbox: Mailbox;
  readonly #places: Semaphore;
  readonly #readers = new Map<string, GroupReader>();
  /** Topics with events that arrived before the list of topics was read. */
  readonly #early = new Set<string>();
  #hasStarted = false;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly filter: string,
    handler: MailboxHandler,
    limits: SubscriberLimits,
    private readonly topics: DurableTopics,
    private readonly consumer: GroupConsumer,
    /** Called when this subscriber has stopped taking events and has handled those that it had begun. */
    private readonly onClosed: () => void,
    private readonly notice: PlainEventNotice,
  ) {
    this.#mailbox = new Mailbox(handler, limits);
    this.#places = new Semaphore(limits.concurrency, () =>
      this.#readers.forEach(reader => reader.work()),
    );
  }

  get queue(): QueueVitals {
    return this.#mailbox.queue;
  }

  async start(): Promise<void> {
    await this.consumer.announce();
    const topics = await this.topics.topicsOf(this.filter);
    if (this.#closed) {
      // A subscription that has ended must not create a group.
      return;
    }
    await Promise.all(topics.map(topic => this.#readerOf(topic, true).start()));
    this.#hasStarted = true;
    this.#early.forEach(topic => this.#readerOf(topic, false).take());
    this.#early.clear();
  }

  onEvent(event: ArrivedEvent): void {
    const { topic, offset } = event;
    if (offset === undefined) {
      this.notice.onEvent(event);
      return;
    }
    // The event itself is not used: it only announces that the topic has events to take.
    if (this.#hasStarted) {
      this.#readerOf(topic, false).take();
    } else {
      this.#early.add(topic);
    }
  }

  onPassed(event: ArrivedEvent): void {
    this.onEvent(event);
  }

  onGap(): void {
    this.onResumed();
  }

  onResumed(): void {
    this.#readers.forEach(reader => reader.take());
    if (isPattern(this.filter)) {
      void this.#takeNew();
    }
  }

  onMemberLeft(): void {
    this.#readers.forEach(reader => reader.inherit());
  }

  /** Other members inherit the events that were taken but not handled. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const readers = [...this.#readers.values()];
    readers.forEach(reader => reader.stop());
    await this.#mailbox.close();
    await Promise.all(readers.map(reader => reader.leave()));
    this.onClosed();
  }

  /** Reads topics that appeared while no events arrived here. */
  async #takeNew(): Promise<void> {
    const topics = await this.topics.topicsOf(this.filter).catch((error: unknown) => {
      this.topics.stalled(this.filter, error);
      return [];
    });
    topics.forEach(topic => this.#readerOf(topic, false).take());
  }

  /** @param beginsNow whether a new group skips the events that are already on the topic */
  #readerOf(topic: string, beginsNow: boolean): GroupReader {
    let reader = this.#readers.get(topic);
    if (!reader) {
      reader = new GroupReader(
        topic,
        this.topics,
        this.consumer,
        this.#places,
        this.#mailbox,
        beginsNow,
      );
      this.#readers.set(topic, reader);
      if (this.#closed) {
        reader.stop();
      }
    }
    return reader;
  }
}
