import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { FeedListener } from '../subscribe/arrived-event.interface.js';
import type { HighWaterMarksText } from '../payload/bus-message.js';
import { type BusTransport, type Channel, topicOf } from '../bus-transport.interface.js';
import { TopicFeed } from './topic-feed.js';
import { topicMatcher } from '../topic-filter.js';

/** A feed, and whether the transport delivers it. */
interface OpenFeed {
  readonly feed: TopicFeed;
  /** Resolves when events that are published from now on arrive, or when it is known that they will later. */
  readonly ready: Promise<void>;
}

/**
 * The feeds of this member: one for each topic and each pattern, shared by all its handlers.
 *
 * @internal
 */
export class FeedRegistry {
  readonly #open = new Map<string, OpenFeed>();

  constructor(
    private readonly transport: BusTransport,
    /** The name of this member. */
    private readonly self: string,
  ) {}

  /** Adds a listener. Resolves when the feed delivers events, or when it is known that it will later. */
  add(filter: string, listener: FeedListener): Promise<void> {
    let open = this.#open.get(filter);
    if (!open) {
      const feed = new TopicFeed(filter, topicMatcher(filter), this.self);
      open = { feed, ready: this.#bring(feed) };
      this.#open.set(filter, open);
    }
    open.feed.add(listener);
    return open.ready;
  }

  async remove(filter: string, listener: FeedListener): Promise<void> {
    const feed = this.#open.get(filter)?.feed;
    feed?.remove(listener);
    if (feed?.isUnused) {
      this.#open.delete(filter);
      await this.transport.unsubscribe(feed.channel);
    }
  }

  /** Returns the feed of a channel, unless it was removed. */
  of(channel: Channel): TopicFeed | undefined {
    const filter = topicOf(channel);
    return filter === undefined ? undefined : this.#open.get(filter)?.feed;
  }

  /** Compares the high-water marks of a publisher with the events that have arrived. */
  compare({ headsOf, heads }: HighWaterMarksText, now: number): void {
    for (const { feed } of this.#open.values()) {
      heads.forEach(head => feed.compare(headsOf, head, now));
    }
  }

  async #bring(feed: TopicFeed): Promise<void> {
    await this.transport.subscribe(feed.channel);
    feed.opened(monotonicNow());
  }
}
