import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { FeedListener } from '../subscribe/arrived-event.interface.js';
import type { HighWaterMarksText } from '../payload/bus-message.js';
import { type BusTransport, type Channel, topicOf } from '../bus-transport.interface.js';
import { TopicFeed } from './topic-feed.js';
import { topicMatcher } from '../topic-filter.js';

/** A feed, and whether its transport brings it. */
interface OpenFeed {
  readonly feed: TopicFeed;
  /** Resolves when what is published from now on arrives, or when it is clear that it will later. */
  readonly ready: Promise<void>;
}

/**
 * What this member has subscribed to: one feed for each topic and each pattern, however many handlers
 * there are.
 *
 * @internal
 */
export class FeedRegistry {
  readonly #open = new Map<string, OpenFeed>();

  constructor(
    private readonly transport: BusTransport,
    /** This member's own name. */
    private readonly self: string,
  ) {}

  /** Resolves when the feed arrives, or when it is clear that it will later. */
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

  /** The feed of a channel, if there still is one. */
  of(channel: Channel): TopicFeed | undefined {
    const filter = topicOf(channel);
    return filter === undefined ? undefined : this.#open.get(filter)?.feed;
  }

  /** How far a sender has got. */
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
