import type { TopicOverview, Unknown } from '../overview.interface.js';
import type { WorkerTopics } from './worker-topics.js';

type Sum = { -readonly [Name in keyof TopicOverview]: TopicOverview[Name] };

/** Returns the topics of a host: those of its workers, added up and in alphabetical order. @internal */
export function addTopics(workers: readonly WorkerTopics[]): readonly TopicOverview[] {
  const sums = new Map<string, Sum>();
  for (const worker of workers) {
    for (const each of worker.all) {
      const sum = sums.get(each.topic) ?? empty(each.topic);
      sums.set(each.topic, sum);
      const [published, received] = worker.rates(each);
      sum.published = add(sum.published, published);
      sum.received = add(sum.received, received);
      sum.durable ||= each.isDurable;
      sum.subscriptions += each.subscriptions;
      sum.queued += each.queued;
      sum.gaps += each.gaps;
      sum.missed += each.missed;
    }
  }
  return [...sums.values()]
    .map(sum => ({ ...sum, published: rounded(sum.published), received: rounded(sum.received) }))
    .toSorted((one, other) => (one.topic < other.topic ? -1 : 1));
}

function empty(topic: string): Sum {
  return {
    topic,
    durable: false,
    published: null,
    received: null,
    subscriptions: 0,
    queued: 0,
    gaps: 0,
    missed: 0,
  };
}

/** What is unknown of one worker is left out; if nothing is known of any, the sum is unknown. */
function add(one: number | Unknown, other: number | Unknown): number | Unknown {
  return one === null ? other : one + (other ?? 0);
}

function rounded(rate: number | Unknown): number | Unknown {
  return rate && Math.round(rate * 10) / 10;
}
