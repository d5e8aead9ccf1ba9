import type { ArrivedEvent } from '../arrived-event.interface.js';
import type { EventHandler } from '../event-handler.js';
import { GroupReader } from './group-reader.js';
import type { GroupConsumer } from './group-consumer.js';
import type { DurableTopics } from '../../publish/durable-topics.js';
import { Mailbox } from '../mailbox.js';
import { Semaphore } from './semaphore.js';
import type { QueueVitals, Subscriber, SubscriberLimits } from '../subscriber.interface.js';
import { isPattern } from '../../topic-filter.js';

/**
 * A member of a group that shares what is kept: takes events one after the other, each of which no other
 * member gets, unless this one dies before it is done with it.
 *
 * @internal
 */
export class GroupSubscriber implements Subscriber {
  readonly #mailbox: Mailbox;
  readonly #places: Semaphore;
  readonly #readers = new Map<string, GroupReader>();
  /** Topics of which something has arrived before it was known which ones there are. */
  readonly #early = new Set<string>();
  #hasStarted = false;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly filter: string,
    handler: EventHandler,
    limits: SubscriberLimits,
    private readonly kept: DurableTopics,
    private readonly consumer: GroupConsumer,
    /** Called when it has handled what it has begun, and takes no more. */
    private readonly onClosed: () => void,
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
    const topics = await this.kept.topicsOf(this.filter);
    await Promise.all(topics.map(topic => this.#readerOf(topic, true).start()));
    this.#hasStarted = true;
    this.#early.forEach(topic => this.#readerOf(topic, false).take());
    this.#early.clear();
  }

  onEvent({ topic, offset }: ArrivedEvent): void {
    // It only says that there is something to take.
    if (offset === undefined) {
      return;
    }
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

  /** What it has taken and not begun, others inherit. */
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

  /** Topics that came up while nothing arrived here. */
  async #takeNew(): Promise<void> {
    const topics = await this.kept.topicsOf(this.filter).catch(() => []);
    topics.forEach(topic => this.#readerOf(topic, false).take());
  }

  /** @param beginsNow if not, what has been published on the topic already is for the group as well */
  #readerOf(topic: string, beginsNow: boolean): GroupReader {
    let reader = this.#readers.get(topic);
    if (!reader) {
      reader = new GroupReader(
        topic,
        this.kept,
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
