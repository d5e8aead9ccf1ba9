import type { DurableTopicInfo } from '../bus/publish/durable-topic-info.js';
import { RecentResult } from '../system/async/recent-result.js';
import type { TopicOverview, TopicsSection } from './overview.interface.js';

/** Milliseconds for which the stored events are shown again. */
const MAX_AGE = 5_000;

/** Where the view gets its data. @internal */
export interface TopicsSources {
  /** Resolves with the topics of this host. */
  readonly topics: () => Promise<TopicsSection>;
  /** Resolves with the topics that have stored events; with none if the bus is not in use. */
  readonly stored: () => Promise<readonly DurableTopicInfo[]>;
}

/**
 * The topics of the bus, with their stored events and groups.
 *
 * @internal
 */
export class TopicsView {
  readonly #stored = new RecentResult(MAX_AGE, () => this.sources.stored());

  constructor(private readonly sources: TopicsSources) {}

  async section(): Promise<TopicsSection> {
    const [{ topics, silent }, stored] = await Promise.all([
      this.sources.topics(),
      this.#stored.get().catch(() => undefined),
    ]);
    return { topics: stored ? withStored(topics, stored) : topics.map(withoutStored), silent };
  }
}

/** If the backend does not answer, what is stored is unknown. */
function withoutStored(topic: TopicOverview): TopicOverview {
  return topic.durable ? { ...topic, stored: null } : topic;
}

function withStored(
  topics: readonly TopicOverview[],
  stored: readonly DurableTopicInfo[],
): readonly TopicOverview[] {
  const unseen = new Map(stored.map(info => [info.name, info]));
  const seen = topics.map(topic => {
    const info = unseen.get(topic.topic);
    unseen.delete(topic.topic);
    return info ? durable(topic, info) : topic;
  });
  const others = [...unseen.values()].map(info => durable(unused(info.name), info));
  return [...seen, ...others].toSorted((one, other) => (one.topic < other.topic ? -1 : 1));
}

function durable(topic: TopicOverview, { length, groups }: DurableTopicInfo): TopicOverview {
  return {
    ...topic,
    durable: true,
    stored: length,
    groups: groups.map(({ name, pending, waiting }) => ({ group: name, pending, lag: waiting })),
  };
}

/** A topic with stored events that nobody on this host uses. */
function unused(topic: string): TopicOverview {
  const none = { published: 0, received: 0, subscriptions: 0, queued: 0, gaps: 0, missed: 0 };
  return { topic, durable: true, ...none };
}
