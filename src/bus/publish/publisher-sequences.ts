import type { HighWaterMark } from '../payload/bus-message.js';
import type { OwnMemberInfo } from '../membership/own-member-info.js';
import type { BusTransport } from '../bus-transport.interface.js';
import { RecentMap } from '../../system/collections/recent-map.js';
import { topicMatcher } from '../topic-filter.js';
import { TopicPublisher } from './topic-publisher.js';

/** Of more topics than this, those that were published on the longest ago begin anew. */
const MAX_TOPICS = 10_000;

/**
 * The topics that this member publishes on.
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

  /** How many events wait for the backend to take them. */
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

  /** The backend is back. */
  wake(): void {
    for (const [, sender] of this.#senders.entries()) {
      sender.wake();
    }
  }

  /** How far those topics have got on which something was published within so many milliseconds. */
  recentHeads(milliseconds: number): HighWaterMark[] {
    return [...this.#senders.entries()]
      .filter(([, { idle }]) => idle < milliseconds)
      .map(([, sender]) => sender.head);
  }

  /** How far each topic has got that one of the filters stands for. */
  heads(filters: readonly string[]): HighWaterMark[] {
    const matchers = filters.map(topicMatcher);
    return [...this.#senders.entries()]
      .filter(([topic]) => matchers.some(matches => matches(topic)))
      .map(([, sender]) => sender.head);
  }
}
