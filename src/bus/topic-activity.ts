import type { TopicCounter, TopicCounters } from './topic-counters.js';

/**
 * A topic as one process uses it. A pattern is listed like a topic, with its subscriptions and what waits in their queues;
 * its events count for their own topics.
 *
 * @internal
 */
export interface TopicActivity extends TopicCounter {
  readonly topic: string;
  isDurable: boolean;
  subscriptions: number;
  /** Events that wait for their handlers. */
  queued: number;
}

/** Returns what happens on each topic in this process. @internal */
export function topicActivities(
  counters: TopicCounters,
  subscriptions: readonly { filter: string; isDurable: boolean; queued: number }[],
): readonly TopicActivity[] {
  const topics = new Map<string, TopicActivity>();
  for (const [topic, counter] of counters.entries()) {
    topics.set(topic, { ...unusedTopic(topic), ...counter });
  }
  for (const { filter, isDurable, queued } of subscriptions) {
    const topic = topics.get(filter) ?? unusedTopic(filter);
    topics.set(filter, topic);
    topic.isDurable ||= isDurable;
    topic.subscriptions++;
    topic.queued += queued;
  }
  return [...topics.values()];
}

function unusedTopic(topic: string): TopicActivity {
  const none = { published: 0, received: 0, gaps: 0, missed: 0 };
  return { topic, ...none, isDurable: false, subscriptions: 0, queued: 0 };
}
