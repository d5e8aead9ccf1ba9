import type { TopicCounter } from './topic-counters.js';

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
