import type { Unknown } from '../overview.interface.js';
import { TOPIC_COLUMNS, type TopicsReport } from '../overview.protocol.js';

/** The counters of a topic in one worker, and its rates since the last report. @internal */
export interface WorkerTopic {
  readonly topic: string;
  isDurable: boolean;
  /** Events since the worker began. */
  published: number;
  received: number;
  subscriptions: number;
  queued: number;
  gaps: number;
  missed: number;
  /** The report with the last change. */
  report: number;
  /** Events per second, in that report. */
  publishedRate: number;
  receivedRate: number;
}

/**
 * The topics that one worker has reported. A report has only what has changed.
 *
 * @internal
 */
export class WorkerTopics {
  readonly #topics: WorkerTopic[] = [];
  #reports = 0;
  /** The reports since the last pause: a rate needs two. */
  #successive = 0;
  #at = 0;

  get all(): readonly WorkerTopic[] {
    return this.#topics;
  }

  /** @param at milliseconds of the worker's monotonic clock */
  take({ added, counts }: TopicsReport, at: number): void {
    const seconds = (at - this.#at) / 1_000;
    this.#reports++;
    this.#successive++;
    this.#at = at;
    this.#topics.push(...added.map(noEvents));
    for (let place = 0; place < counts.length; place += TOPIC_COLUMNS) {
      const topic = this.#topics[counts[place]!];
      if (topic) {
        this.#change(
          topic,
          counts.slice(place, place + TOPIC_COLUMNS),
          this.#successive > 1 ? seconds : 0,
        );
      }
    }
  }

  /** Called when the worker was not asked: its next report has the changes of a longer time. */
  pause(): void {
    this.#successive = 0;
  }

  /** Events per second that the worker has published on a topic, and received; unknown after its first report. */
  rates(topic: WorkerTopic): readonly [published: number | Unknown, received: number | Unknown] {
    if (this.#successive < 2) {
      return [null, null];
    }
    return topic.report === this.#reports ? [topic.publishedRate, topic.receivedRate] : [0, 0];
  }

  /** @param seconds since the last report; 0 if there was none */
  #change(topic: WorkerTopic, counts: readonly number[], seconds: number): void {
    const [, durable, published, received, subscriptions, queued, gaps, missed] = counts as Counts;
    const rate = (now: number, before: number): number =>
      seconds > 0 ? Math.max(0, now - before) / seconds : 0;
    topic.publishedRate = rate(published, topic.published);
    topic.receivedRate = rate(received, topic.received);
    topic.report = this.#reports;
    topic.isDurable = durable === 1;
    Object.assign(topic, { published, received, subscriptions, queued, gaps, missed });
  }
}

type Counts = readonly [
  topic: number,
  durable: number,
  published: number,
  received: number,
  subscriptions: number,
  queued: number,
  gaps: number,
  missed: number,
];

function noEvents(topic: string): WorkerTopic {
  return {
    topic,
    isDurable: false,
    published: 0,
    received: 0,
    subscriptions: 0,
    queued: 0,
    gaps: 0,
    missed: 0,
    report: 0,
    publishedRate: 0,
    receivedRate: 0,
  };
}
