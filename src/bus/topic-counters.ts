import { RecentMap } from '../system/collections/recent-map.js';
import type { Gap } from './gaps/gap.interface.js';

/** The maximum number of topics; beyond it, the oldest ones are dropped, and are counted from 0 again. */
const MAX_TOPICS = 10_000;

/** What has happened on a topic in this process. @internal */
export interface TopicCounter {
  /** Events that the backend has accepted. */
  published: number;
  /** Events that were passed to handlers. */
  received: number;
  gaps: number;
  /** Events that were missed in these gaps; a gap of unknown size counts as one event. */
  missed: number;
}

/** Counts the events of each topic in this process. @internal */
export class TopicCounters {
  readonly #counters = new RecentMap<string, TopicCounter>(MAX_TOPICS);

  published(topic: string): void {
    this.#of(topic).published++;
  }

  received(topic: string): void {
    this.#of(topic).received++;
  }

  missed({ topic, missed = 1 }: Gap): void {
    const counter = this.#of(topic);
    counter.gaps++;
    counter.missed += missed;
  }

  entries(): IterableIterator<[topic: string, counter: TopicCounter]> {
    return this.#counters.entries();
  }

  #of(topic: string): TopicCounter {
    let counter = this.#counters.get(topic);
    if (!counter) {
      counter = { published: 0, received: 0, gaps: 0, missed: 0 };
      this.#counters.set(topic, counter);
    }
    return counter;
  }
}
