import { BEGINNING } from '../../../state/offset.js';
import type { ArrivedEvent } from '../arrived-event.interface.js';
import type { EventHandler } from '../event-handler.js';
import type { Gap } from '../../gaps/gap.interface.js';
import { LogReader, type PlacedEvent, type ReaderStart } from './log-reader.js';
import type { DurableTopics } from '../../publish/durable-topics.js';
import { Mailbox } from '../mailbox.js';
import { before } from '../../gaps/offset-step.js';
import type { ConsumerOffsets } from './consumer-offsets.js';
import type { QueueVitals, Subscriber, SubscriberLimits } from '../subscriber.interface.js';
import { isPattern } from '../../topic-filter.js';

/** So many wait until it is known where their topics begin. */
const MAX_EARLY = 1_000;

/** Between attempts to find out which topics came up while nothing arrived here. */
const RETRY_MILLISECONDS = 500;

/** What of a topic a subscriber wants. @internal */
export interface DurableSubscriptionTerms {
  /** All that was published, also while it was away. */
  readonly durable: boolean;
  /** First of all the last one from before. */
  readonly retain: boolean;
}

/**
 * Subscribes to what is kept: a reader for each topic, one of them or all that match a pattern.
 *
 * @internal
 */
export class DurableSubscriber implements Subscriber {
  readonly #mailbox: Mailbox;
  readonly #readers = new Map<string, LogReader>();
  /** What has arrived on topics of which it was not known yet where they begin. */
  #early: PlacedEvent[] = [];
  /** Where it begins, whenever that is. */
  readonly #handedDown: Readonly<Record<string, string>>;
  #hasStarted = false;
  #isClosed = false;
  /** While topics may have come up that nothing has arrived of: the look for them that was begun last. */
  #look: symbol | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly filter: string,
    handler: EventHandler,
    limits: SubscriberLimits,
    private readonly kept: DurableTopics,
    private readonly wishes: DurableSubscriptionTerms,
    private readonly offsets: ConsumerOffsets,
    /** This member's own name. */
    private readonly self: string,
  ) {
    this.#mailbox = new Mailbox(handler, limits, () => this.onResumed());
    this.#handedDown = wishes.durable ? offsets.handedDown : {};
  }

  get queue(): QueueVitals {
    return this.#mailbox.queue;
  }

  async start(): Promise<void> {
    await this.#startNew();
    this.#hasStarted = true;
    const early = this.#early;
    this.#early = [];
    early.forEach(event => this.onEvent(event));
  }

  onEvent(event: ArrivedEvent): void {
    const { topic, offset } = event;
    if (offset === undefined) {
      // Somebody publishes on the topic as if it were not kept: there is no more than this.
      this.#mailbox.offer(event);
      return;
    }
    const placed = { ...event, offset };
    const reader = this.#readers.get(topic);
    if (!reader && !this.#hasStarted) {
      if (this.#early.length < MAX_EARLY) {
        this.#early.push(placed);
      }
      return;
    }
    if (!reader) {
      this.#beginWith(placed);
      return;
    }
    reader.live(placed);
  }

  onPassed(event: ArrivedEvent): void {
    this.onEvent(event);
  }

  /** What is missing is in the history. */
  onGap(): void {
    this.onResumed();
  }

  onResumed(): void {
    this.#readers.forEach(reader => reader.read());
    if (this.#hasStarted && isPattern(this.filter)) {
      void this.#startMissed();
    }
  }

  onMemberLeft(): void {}

  close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#readers.forEach(reader => reader.close());
    this.offsets.forget(this);
    return this.#mailbox.close();
  }

  /** A topic that is new by now was new to everybody, and all of it was missed. */
  async #startMissed(): Promise<void> {
    const look = Symbol('look');
    this.#look = look;
    clearTimeout(this.#retry);
    try {
      await this.#startNew(BEGINNING);
      if (this.#look === look) {
        this.#look = undefined;
      }
    } catch {
      if (this.#look === look && !this.#isClosed) {
        this.#retry = setTimeout(() => void this.#startMissed(), RETRY_MILLISECONDS).unref();
      }
    }
  }

  /** Begins to read a topic of which the first event has arrived, or the first one since it was cut off. */
  #beginWith(event: PlacedEvent): void {
    const { topic, offset } = event;
    const reader = this.#newReader(topic);
    reader.live(event);
    const after = this.#handedDownOf(topic) ?? (this.#look ? BEGINNING : before(offset));
    // There is no last one from before. Without it nothing is asked of the backend that might not answer.
    void this.#begin(topic, reader, { after, withLast: false });
  }

  /** @param after the offset after which to begin where no predecessor has */
  async #startNew(after?: string): Promise<void> {
    const topics = await this.kept.topicsOf(this.filter);
    await Promise.all(
      topics
        .filter(topic => !this.#readers.has(topic))
        .map(topic =>
          this.#begin(topic, this.#newReader(topic), {
            after: this.#handedDownOf(topic) ?? after,
            withLast: this.wishes.retain,
          }),
        ),
    );
  }

  /** A topic may have the name of something that every object has. */
  #handedDownOf(topic: string): string | undefined {
    return Object.hasOwn(this.#handedDown, topic) ? this.#handedDown[topic] : undefined;
  }

  async #begin(topic: string, reader: LogReader, start: ReaderStart): Promise<void> {
    try {
      const offset = await reader.start(start);
      if (this.#isClosed) {
        reader.close();
      } else if (this.wishes.durable) {
        this.offsets.begins(this, topic, offset);
      }
    } catch (error) {
      this.#readers.delete(topic);
      throw error;
    }
  }

  #newReader(topic: string): LogReader {
    const mailbox = this.#mailbox;
    const reader = new LogReader(
      topic,
      this.kept,
      {
        get isFull() {
          return mailbox.isFull;
        },
        tell: gap => mailbox.tell(this.#asWished(gap)),
        give: event => this.#give(event),
      },
      this.wishes.durable,
    );
    this.#readers.set(topic, reader);
    return reader;
  }

  /** Nobody has promised to keep more than the last one. */
  #asWished(gap: Gap): Gap {
    return gap.reason === 'trimmed' && !this.wishes.durable
      ? { ...gap, reason: 'connection' }
      : gap;
  }

  #give(event: PlacedEvent): void {
    const { topic, offset } = event;
    if (event.self === false && event.from.member === this.self && !event.retained) {
      return;
    }
    if (this.wishes.durable) {
      this.#mailbox.add({ event, done: this.offsets.reading(this, topic, offset) });
    } else {
      this.#mailbox.add({ event });
    }
  }
}
