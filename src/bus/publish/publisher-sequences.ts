import type { HighWaterMark } from '../payload/bus-message.js';
import type { OwnMemberInfo } from '../membership/own-member-info.js';
import type { BusTransport } from '../bus-transport.interface.js';
import { RecentMap } from '../../system/collections/recent-map.js';
import { topicMatcher } from '../topic-filter.js';
import { TopicPublisher } from './topic-publisher.js';

/** The maximum number of topics; beyond it, the least recently used ones are dropped, and their numbering restarts. */
const MAX_TOPICS = 10_000;

/**
 * The publishers of this member, one for each topic.
 *
 * @internal
 */
export class PublisherSequences {
  readonly #senders = new RecentMap<string, TopicPublisher>(MAX_TOPICS);
  #runs = 0;

  constructor(
    private readonly transport: BusTransport,
    private readonly self: OwnMemberInfo,
  ) {}

  of(topic: string): TopicPublisher {
    const sender =
      this.#senders.get(topic) ??
      new TopicPublisher(this.transport, topic, ++this.#runs, this.self);
    this.#senders.set(topic, sender);
    return sender;
  }

  /** Number of events that wait for the backend. */
  get waiting(): number {
    let waiting = 0;
    for (const [, sender] of this.#senders.entries()) {
      waiting += sender.waiting;
    }
    return waiting;
  }

  /** Settles every call. */
  close(): void {
    for (const [, sender] of this.#senders.entries()) {
      sender.close();
    }
  }

  /** Called when the backend is available again. */
  wake(): void {
    for (const [, sender] of this.#senders.entries()) {
      sender.wake();
    }
  }

  /** Returns the high-water marks of topics with an event within the last `milliseconds`. */
  recentHighWaterMarks(milliseconds: number): HighWaterMark[] {
    return [...this.#senders.entries()]
      .filter(([, { idle }]) => idle < milliseconds)
      .map(([, sender]) => sender.highWaterMark);
  }

  /** Returns the high-water marks of topics that match one of the filters. */
  highWaterMarks(filters: readonly string[]): HighWaterMark[] {
    const matchers = filters.map(topicMatcher);
    return [...this.#senders.entries()]
      .filter(([topic]) => matchers.some(matches => matches(topic)))
      .map(([, sender]) => sender.highWaterMark);
  }
}
