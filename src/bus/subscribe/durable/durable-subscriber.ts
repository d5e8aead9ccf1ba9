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

/** The maximum number of events that wait until the start offsets of their topics are known. */
const MAX_EARLY = 1_000;

/** Delay between attempts to read the list of topics after an interruption. */
const RETRY_MILLISECONDS = 500;

/** Which stored events a subscriber gets. @internal */
export interface DurableSubscriptionTerms {
  /** All events, also those that were published while the subscriber was offline. */
  readonly durable: boolean;
  /** The retained event first. */
  readonly retain: boolean;
}

/**
 * A subscriber of a durable or retained topic, or of a pattern. It has one log reader for each topic.
 *
 * @internal
 */
export class DurableSubscriber implements Subscriber {
  readonly #mailbox: Mailbox;
  readonly #readers = new Map<string, LogReader>();
  /** Events on topics whose start offset is not known yet. */
  #early: PlacedEvent[] = [];
  /** The offsets of the predecessor, after which this subscriber starts. */
  readonly #handedDown: Readonly<Record<string, string>>;
  #hasStarted = false;
  #isClosed = false;
  /** The search for new topics that was started last; `undefined` if none is pending. */
  #look: symbol | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly filter: string,
    handler: EventHandler,
    limits: SubscriberLimits,
    private readonly topics: DurableTopics,
    private readonly wishes: DurableSubscriptionTerms,
    private readonly offsets: ConsumerOffsets,
    /** The name of this member. */
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
      // Published without `durable` or `retain`: the event is not in the log.
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

  /** Reads the missing events from the log. */
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

  /** Reads topics that appeared during an interruption, from their first event: this subscriber missed all of them. */
  async #startMissed(): Promise<void> {
    const look = Symbol('look');
    this.#look = look;
    clearTimeout(this.#retry);
    try {
      await this.#startNew(BEGINNING);
      if (this.#look === look) {
        this.#look = undefined;
      }
    } catch (error) {
      if (this.#look === look && !this.#isClosed) {
        this.topics.stalled(this.filter, error);
        this.#retry = setTimeout(() => void this.#startMissed(), RETRY_MILLISECONDS).unref();
      }
    }
  }

  /** Starts to read a topic when its first event arrives, or the first one after an interruption. */
  #beginWith(event: PlacedEvent): void {
    const { topic, offset } = event;
    const reader = this.#newReader(topic);
    reader.live(event);
    const after = this.#handedDownOf(topic) ?? (this.#look ? BEGINNING : before(offset));
    // A new topic has no retained event. Without `withLast`, no request to the backend is needed.
    void this.#begin(topic, reader, { after, withLast: false });
  }

  /** @param after the offset after which to start on topics that the predecessor did not read */
  async #startNew(after?: string): Promise<void> {
    const topics = await this.topics.topicsOf(this.filter);
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

  /** Uses `hasOwn` because a topic may be called `constructor`. */
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
      this.topics,
      {
        get isFull() {
          return mailbox.isFull;
        },
        tell: gap => mailbox.tell(this.#withReason(gap)),
        give: event => this.#give(event),
      },
      this.wishes.durable,
    );
    this.#readers.set(topic, reader);
    return reader;
  }

  /** Reports trimmed events of a retained topic as lost by the connection: only the last one is ever stored. */
  #withReason(gap: Gap): Gap {
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
