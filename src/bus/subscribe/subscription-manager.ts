import { setTimeout as delay } from 'node:timers/promises';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { within } from '../../system/async/within.js';
import type { HighWaterMarksText } from '../payload/bus-message.js';
import type { FeedListener } from './arrived-event.interface.js';
import type { Channel, Mark } from '../bus-transport.interface.js';
import { busMessages } from '../bus.messages.js';
import type { Subscription } from './event-context.interface.js';
import type { HandlerSettings } from './event-handler.js';
import { FeedRegistry } from '../gaps/feed-registry.js';
import { PlainGroup } from './group/plain-group.js';
import { PlainGroupRegistry } from './group/plain-group-registry.js';
import { GroupSubscriber } from './group/group-subscriber.js';
import { makeSubscriber } from './make-subscriber.js';
import { idempotent } from './idempotent.js';
import { PlainSubscriber } from './plain-subscriber.js';
import type { QueueVitals, Subscriber } from './subscriber.interface.js';
import type {
  SubscriptionManagerDependencies,
  SubscriptionTerms,
} from './subscription-terms.interface.js';
import { isPattern } from '../topic-filter.js';

/** Between attempts to begin where the backend did not say how far a topic has got. */
const RETRY_MILLISECONDS = 500;

/**
 * Milliseconds after which others have heard of what they are told. One who leaves a group goes on that long
 * with what is meant for it; one who needs others to begin does not before.
 */
const GRACE = 250;

/**
 * The subscriptions of one application.
 *
 * @internal
 */
export class SubscriptionManager {
  readonly #feeds: FeedRegistry;
  readonly #subscribers = new Set<Subscriber>();
  /** Those of which it is not known yet where they begin. */
  readonly #unstarted = new Set<Subscriber>();
  readonly #shares: PlainGroupRegistry;
  #leftGroupsAt: number | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(private readonly deps: SubscriptionManagerDependencies) {
    this.#feeds = new FeedRegistry(deps.transport, deps.self);
    this.#shares = new PlainGroupRegistry(deps.self);
  }

  /**
   * Resolves when nothing is missed that is published from now on; when the backend is away, as soon as
   * that is clear, for then that will be so once it is back.
   */
  async add(
    filter: string,
    settings: HandlerSettings,
    terms: SubscriptionTerms,
  ): Promise<Subscription> {
    const { membership, timeout, transport } = this.deps;
    const subscriber = makeSubscriber(filter, settings, terms, this.deps);
    const listener = this.#listenerFor(filter, subscriber, terms);
    this.#subscribers.add(subscriber);
    let withdraw: (() => void) | undefined;
    let isOver = false;
    // It may end before it has begun, where the backend is away: others must not be told of it afterwards.
    const ended = (): boolean => isOver || !this.#subscribers.has(subscriber);
    const begin = async (): Promise<void> => {
      await this.#feeds.add(filter, listener);
      if (ended()) {
        return;
      }
      // Others count on whoever they are told of: it must hear them by then.
      withdraw = membership.subscribes(filter, terms.group);
      // They look who has a consumer in a group before they inherit: it must be told of before it takes anything.
      await membership.announce();
      if (transport.relaysToPatterns && isPattern(filter)) {
        await delay(GRACE);
      }
      if (!ended()) {
        await this.#start(subscriber);
      }
    };
    await within(timeout, begin(), () => this.#startLater(subscriber));
    return idempotent(async () => {
      isOver = true;
      withdraw?.();
      this.#unstarted.delete(subscriber);
      await membership.announce();
      await this.#end(filter, subscriber, listener);
    });
  }

  onText(channel: Channel, text: string): void {
    this.#feeds.of(channel)?.take(text);
  }

  onSkipped(channel: Channel, mark: Mark): void {
    this.#feeds.of(channel)?.skipped(mark);
  }

  onResumed(channel: Channel): void {
    this.#feeds.of(channel)?.resumed();
  }

  compare(heads: HighWaterMarksText, now: number): void {
    this.#feeds.compare(heads, now);
  }

  /** What waits for all handlers together, and how full the fullest queue is. */
  get queue(): QueueVitals {
    const all = { length: 0, fullness: 0 };
    for (const { queue } of this.#subscribers) {
      all.length += queue.length;
      all.fullness = Math.max(all.fullness, queue.fullness);
    }
    return all;
  }

  /** A member is gone, or has given up consumers of groups. */
  onMemberLeft(): void {
    this.#subscribers.forEach(subscriber => subscriber.onMemberLeft());
  }

  /** The backend is back. */
  startAgain(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#unstarted.forEach(subscriber => void this.#start(subscriber));
  }

  /** Takes no more on behalf of groups. */
  leaveGroups(): void {
    this.#leftGroupsAt ??= monotonicNow();
    for (const subscriber of this.#subscribers) {
      if (subscriber instanceof GroupSubscriber) {
        void subscriber.close();
      }
    }
  }

  /** Hands nothing more to handlers. Resolves when none is at work, or when there is no more time. */
  async quiesce(timeout: number): Promise<void> {
    clearTimeout(this.#retry);
    this.#unstarted.clear();
    if (!this.#shares.isEmpty) {
      const sinceThen = monotonicNow() - (this.#leftGroupsAt ?? 0);
      await delay(Math.min(timeout, Math.max(0, GRACE - sinceThen)));
    }
    let busy = this.#subscribers.size;
    const closed = [...this.#subscribers].map(subscriber =>
      subscriber.close().finally(() => busy--),
    );
    this.#subscribers.clear();
    await within(timeout, Promise.all(closed), () => this.deps.report.warn(busMessages.busy(busy)));
  }

  async #start(subscriber: Subscriber): Promise<void> {
    try {
      await subscriber.start();
      this.#unstarted.delete(subscriber);
    } catch {
      this.#startLater(subscriber);
    }
  }

  #startLater(subscriber: Subscriber): void {
    if (this.#subscribers.has(subscriber)) {
      this.#unstarted.add(subscriber);
      this.#retry ??= setTimeout(() => this.startAgain(), RETRY_MILLISECONDS).unref();
    }
  }

  /** Who is to hear of a feed on behalf of a subscriber: itself, or the share in a group that it is part of. */
  #listenerFor(filter: string, subscriber: Subscriber, { group }: SubscriptionTerms): FeedListener {
    return group !== undefined && subscriber instanceof PlainSubscriber
      ? this.#shares.join({ filter, group }, subscriber)
      : subscriber;
  }

  /** Handlers that are at work are not waited for: one may await this itself. */
  async #end(filter: string, subscriber: Subscriber, listener: FeedListener): Promise<void> {
    const share = listener instanceof PlainGroup ? listener : undefined;
    if (share) {
      await delay(GRACE);
    }
    const isLast = !share || this.#shares.leave(share, subscriber as PlainSubscriber);
    this.#subscribers.delete(subscriber);
    void subscriber.close();
    if (isLast) {
      await this.#feeds.remove(filter, listener);
    }
  }
}
