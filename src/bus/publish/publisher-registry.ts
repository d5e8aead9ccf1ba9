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
export class PublisherRegistry {
  readonly #publishers = new RecentMap<string, TopicPublisher>(MAX_TOPICS);
  #runs = 0;

  constructor(
    private readonly transport: BusTransport,
    private readonly self: OwnMemberInfo,
  ) {}

  of(topic: string): TopicPublisher {
    const publisher =
      this.#publishers.get(topic) ??
      new TopicPublisher(this.transport, topic, ++this.#runs, this.self);
    this.#publishers.set(topic, publisher);
    return publisher;
  }

  /** Number of events that wait for the backend. */
  get waiting(): number {
    let waiting = 0;
    for (const [, publisher] of this.#publishers.entries()) {
      waiting += publisher.waiting;
    }
    return waiting;
  }

  /** Settles every call. */
  close(): void {
    for (const [, publisher] of this.#publishers.entries()) {
      publisher.close();
    }
  }

  /** Called when the backend is available again. */
  wake(): void {
    for (const [, publisher] of this.#publishers.entries()) {
      publisher.wake();
    }
  }

  /** Returns the high-water marks of topics with an event within the last `milliseconds`. */
  recentHighWaterMarks(milliseconds: number): HighWaterMark[] {
    return [...this.#publishers.entries()]
      .filter(([, { idle }]) => idle < milliseconds)
      .map(([, publisher]) => publisher.highWaterMark);
  }

  /** Returns the high-water marks of topics that match one of the filters. */
  highWaterMarks(filters: readonly string[]): HighWaterMark[] {
    const matchers = filters.map(topicMatcher);
    return [...this.#publishers.entries()]
      .filter(([topic]) => matchers.some(matches => matches(topic)))
      .map(([, publisher]) => publisher.highWaterMark);
  }
}
