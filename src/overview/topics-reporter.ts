import type { TopicActivity } from '../bus/topic-activity.js';
import type { TopicsReport } from './overview.protocol.js';

/** The maximum number of topics of a worker. */
const MAX_TOPICS = 5_000;

/**
 * Finds what has changed on the topics since the last report.
 *
 * @internal
 */
export class TopicsReporter {
  /** The counters of each topic as they were reported, by its name. */
  readonly #reported = new Map<string, readonly number[]>();

  /** @param activities the topics of each bus of the process */
  report(activities: readonly TopicActivity[]): TopicsReport {
    const added: string[] = [];
    const counts: number[] = [];
    for (const activity of sumsOf(activities)) {
      const { topic } = activity;
      const before = this.#reported.get(topic);
      if (!before && this.#reported.size >= MAX_TOPICS) {
        continue;
      }
      if (!before) {
        added.push(topic);
      }
      const now = columns(before?.[0] ?? this.#reported.size, activity);
      if (!before || now.some((value, column) => value !== before[column])) {
        counts.push(...now);
        this.#reported.set(topic, now);
      }
    }
    return { added, counts };
  }
}

function columns(number: number, activity: TopicActivity): readonly number[] {
  const { isDurable, published, received, subscriptions, queued, gaps, missed } = activity;
  return [number, Number(isDurable), published, received, subscriptions, queued, gaps, missed];
}

/** Adds up topics of the same name. */
function sumsOf(activities: readonly TopicActivity[]): Iterable<TopicActivity> {
  const sums = new Map<string, TopicActivity>();
  for (const activity of activities) {
    const sum = sums.get(activity.topic);
    sums.set(activity.topic, sum ? addedUp(sum, activity) : activity);
  }
  return sums.values();
}

function addedUp(one: TopicActivity, other: TopicActivity): TopicActivity {
  return {
    topic: one.topic,
    isDurable: one.isDurable || other.isDurable,
    published: one.published + other.published,
    received: one.received + other.received,
    subscriptions: one.subscriptions + other.subscriptions,
    queued: one.queued + other.queued,
    gaps: one.gaps + other.gaps,
    missed: one.missed + other.missed,
  };
}
