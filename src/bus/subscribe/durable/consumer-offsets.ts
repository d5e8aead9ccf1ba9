import { before, isAfter } from '../../gaps/offset-step.js';
import { RecentMap } from '../../../system/collections/recent-map.js';

/** Milliseconds for which news are collected. */
const DELAY = 100;

/** Of more topics than this, those that were read the longest ago are forgotten, as the host does. */
const MAX_TOPICS = 10_000;

/** Where offsets are kept for the successor of this worker. @internal */
export interface OffsetStore {
  keep(offsets: Readonly<Record<string, string>>): Promise<void>;
}

/** How far one subscriber has got with a topic. */
interface Progress {
  /** What is being handled or waits for it, in order. */
  readonly open: Set<string>;
  last: string;
  /** It subscribes no more: what it has left counts until another one begins. */
  isOver: boolean;
}

/**
 * How far this worker has got with the durable topics: told to the host, so that the worker that takes
 * its place goes on from there.
 *
 * @internal
 */
export class ConsumerOffsets {
  readonly #topics = new RecentMap<string, Map<object, Progress>>(MAX_TOPICS);
  readonly #news = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: OffsetStore,
    /** How far the predecessor has got, by topic. */
    private inheritance: Readonly<Record<string, string>>,
  ) {}

  /**
   * How far the predecessor of this worker has got, by topic, as long as this one begins: for who subscribes now, and
   * may be able to begin only later, when the backend is there.
   */
  get handedDown(): Readonly<Record<string, string>> {
    return this.inheritance;
  }

  /** The worker has begun: what subscribes from now on, its predecessor did not have. */
  begun(): void {
    this.inheritance = {};
  }

  /** A subscriber begins after an offset. */
  begins(subscriber: object, topic: string, offset: string): void {
    const progresses = this.#topics.get(topic);
    progresses?.forEach(({ isOver }, other) => isOver && progresses.delete(other));
    this.#progressOf(subscriber, topic).last ||= offset;
    this.#tellSoon(topic);
  }

  /** A subscriber is given an event; the answer is to be called when it is done. */
  reading(subscriber: object, topic: string, offset: string): () => void {
    const progress = this.#progressOf(subscriber, topic);
    progress.open.add(offset);
    progress.last = offset;
    return () => {
      progress.open.delete(offset);
      this.#tellSoon(topic);
    };
  }

  /** A subscriber is no more. */
  forget(subscriber: object): void {
    for (const [, progresses] of this.#topics.entries()) {
      const progress = progresses.get(subscriber);
      if (progress) {
        progress.isOver = true;
      }
    }
  }

  /** Tells now what has not been told. */
  async tell(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const topics = [...this.#news].map(topic => [topic, this.#handled(topic)] as const);
    this.#news.clear();
    const known = topics.filter(([, offset]) => offset !== undefined);
    if (known.length > 0) {
      // A host that does not take it is gone, and with it the successor.
      await this.store.keep(Object.fromEntries(known) as Record<string, string>).catch(() => {});
    }
  }

  #tellSoon(topic: string): void {
    this.#news.add(topic);
    this.#timer ??= setTimeout(() => void this.tell(), DELAY).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Up to where all subscribers of a topic have handled it. */
  #handled(topic: string): string | undefined {
    let least: string | undefined;
    for (const { open, last } of this.#topics.get(topic)?.values() ?? []) {
      const [oldest] = open;
      const offset = oldest === undefined ? last : before(oldest);
      if (least === undefined || isAfter(least, offset)) {
        least = offset;
      }
    }
    return least;
  }

  #progressOf(subscriber: object, topic: string): Progress {
    const progresses = this.#topics.get(topic) ?? new Map<object, Progress>();
    this.#topics.set(topic, progresses);
    const progress = progresses.get(subscriber) ?? { open: new Set(), last: '', isOver: false };
    progresses.set(subscriber, progress);
    return progress;
  }
}
