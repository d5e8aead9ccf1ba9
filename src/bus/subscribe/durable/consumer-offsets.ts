import { before, isAfter } from '../../gaps/offset-step.js';
import { RecentMap } from '../../../system/collections/recent-map.js';

/** Milliseconds for which offsets are collected before they are sent. */
const DELAY = 100;

/** The maximum number of topics; beyond it, the least recently read ones are dropped, as in the primary. */
const MAX_TOPICS = 10_000;

/** Stores offsets for the successor of this worker. @internal */
export interface OffsetStore {
  keep(offsets: Readonly<Record<string, string>>): Promise<void>;
}

/** How far one subscriber has read and handled a topic. */
interface Progress {
  /** The offsets of events that are queued or being handled, in order. */
  readonly open: Set<string>;
  last: string;
  /** The subscriber has ended. Its offset counts until another subscriber of the topic starts. */
  isOver: boolean;
}

/**
 * The offsets up to which this worker has handled the durable topics. They are sent to the primary, and the successor
 * of this worker continues there.
 *
 * @internal
 */
export class ConsumerOffsets {
  readonly #topics = new RecentMap<string, Map<object, Progress>>(MAX_TOPICS);
  readonly #news = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: OffsetStore,
    /** The offsets of the predecessor, by topic. */
    private inheritance: Readonly<Record<string, string>>,
  ) {}

  /**
   * The offsets of the predecessor by topic, until `begun()` is called. A subscriber keeps what it gets here, because
   * it may have to wait for the backend before it can start.
   */
  get handedDown(): Readonly<Record<string, string>> {
    return this.inheritance;
  }

  /** Called when the worker has booted: later subscriptions have no predecessor. */
  begun(): void {
    this.inheritance = {};
  }

  /** Records that a subscriber starts after an offset. */
  begins(subscriber: object, topic: string, offset: string): void {
    const progresses = this.#topics.get(topic);
    progresses?.forEach(({ isOver }, other) => isOver && progresses.delete(other));
    this.#progressOf(subscriber, topic).last ||= offset;
    this.#tellSoon(topic);
  }

  /** Records that a subscriber gets an event. @returns a function to call when the event has been handled */
  reading(subscriber: object, topic: string, offset: string): () => void {
    const progress = this.#progressOf(subscriber, topic);
    progress.open.add(offset);
    progress.last = offset;
    return () => {
      progress.open.delete(offset);
      this.#tellSoon(topic);
    };
  }

  /** Records that a subscriber has ended. */
  forget(subscriber: object): void {
    for (const [, progresses] of this.#topics.entries()) {
      const progress = progresses.get(subscriber);
      if (progress) {
        progress.isOver = true;
      }
    }
  }

  /** Sends the offsets that have changed since the last time. */
  async tell(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const topics = [...this.#news].map(topic => [topic, this.#handled(topic)] as const);
    this.#news.clear();
    const known = topics.filter(([, offset]) => offset !== undefined);
    if (known.length > 0) {
      // If the primary does not take them, it is gone, and no successor will start.
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

  /** Returns the offset up to which all subscribers of a topic have handled it. */
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
