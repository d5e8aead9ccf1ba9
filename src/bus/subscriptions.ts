import { setTimeout as delay } from 'node:timers/promises';
import { monotonicNow } from '../process/monotonic-now.js';
import { within } from '../process/within.js';
import type { HeadsText } from './bus-text.js';
import type { FeedListener } from './arrived-event.interface.js';
import type { BusTransport, Channel, Mark } from './bus-transport.interface.js';
import { groupKey } from './bus-member.interface.js';
import { busMessages } from './bus.messages.js';
import type { Subscription } from './event-context.interface.js';
import { EventHandler, type FaultReport, type HandlerSettings } from './event-handler.js';
import { Feeds } from './feeds.js';
import { GroupSeat } from './group-seat.js';
import { GroupShare } from './group-share.js';
import { GroupSubscriber } from './group-subscriber.js';
import { KeptSubscriber } from './kept-subscriber.js';
import type { KeptTopics } from './kept-topics.js';
import { onceOnly } from './once-only.js';
import { PlainSubscriber } from './plain-subscriber.js';
import type { Presence } from './presence.js';
import type { ReadPositions } from './read-positions.js';
import type { Subscriber } from './subscriber.interface.js';
import type { TopicOptions } from './topic.js';
import { isPattern } from './topic-filter.js';

/** Between attempts to begin where the backend did not say how far a topic has got. */
const RETRY_MILLISECONDS = 500;

/**
 * Milliseconds after which others have heard of what they are told. One who leaves a group goes on that long
 * with what is meant for it; one who needs others to begin does not before.
 */
const GRACE = 250;

/** What a subscription wants. @internal */
export interface SubscriptionTerms extends TopicOptions {
  readonly group?: string | undefined;
  /** How many events are handled at a time. */
  readonly concurrency: number;
}

/** @internal */
export interface SubscriptionsDependencies {
  /** This member's own name. */
  readonly self: string;
  readonly transport: BusTransport;
  readonly kept: KeptTopics;
  readonly presence: Presence;
  readonly positions: ReadPositions;
  readonly report: FaultReport;
  /** Milliseconds that a subscription may take until it is left to itself. */
  readonly timeout: number;
  readonly maxQueueBytes: number;
}

/**
 * The subscriptions of one application.
 *
 * @internal
 */
export class Subscriptions {
  readonly #feeds: Feeds;
  readonly #subscribers = new Set<Subscriber>();
  /** Those of which it is not known yet where they begin. */
  readonly #unstarted = new Set<Subscriber>();
  /** This member's shares in groups of plain topics, by their keys. */
  readonly #shares = new Map<string, GroupShare>();
  #leftGroupsAt: number | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(private readonly deps: SubscriptionsDependencies) {
    this.#feeds = new Feeds(deps.transport, deps.self);
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
    const { presence, timeout, transport } = this.deps;
    const subscriber = this.#make(filter, settings, terms);
    const listener = this.#listenerFor(filter, subscriber, terms);
    this.#subscribers.add(subscriber);
    let withdraw: (() => void) | undefined;
    const begin = async (): Promise<void> => {
      await this.#feeds.add(filter, listener);
      // Others count on whoever they are told of: it must hear them by then.
      withdraw = presence.subscribes(filter, terms.group);
      // They look who has a seat in a group before they inherit: it must be told of before it takes anything.
      await presence.announce();
      if (transport.relaysToPatterns && isPattern(filter)) {
        await delay(GRACE);
      }
      await this.#start(subscriber);
    };
    await within(timeout, begin(), () => this.#startLater(subscriber));
    return onceOnly(async () => {
      withdraw?.();
      this.#unstarted.delete(subscriber);
      await presence.announce();
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

  compare(heads: HeadsText, now: number): void {
    this.#feeds.compare(heads, now);
  }

  /** A member is gone, or has given up seats of groups. */
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
    if (this.#shares.size > 0) {
      const sinceThen = monotonicNow() - (this.#leftGroupsAt ?? 0);
      await delay(Math.min(timeout, Math.max(0, GRACE - sinceThen)));
    }
    let busy = this.#subscribers.size;
    const closed = [...this.#subscribers].map(subscriber =>
      subscriber.close().finally(() => busy--),
    );
    this.#subscribers.clear();
    await within(timeout, Promise.all(closed), () =>
      this.deps.report.logger.warn(busMessages.busy(busy)),
    );
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
    if (group === undefined || !(subscriber instanceof PlainSubscriber)) {
      return subscriber;
    }
    const key = groupKey({ filter, group });
    const share = this.#shares.get(key) ?? new GroupShare(key, this.deps.self);
    this.#shares.set(key, share);
    share.add(subscriber);
    return share;
  }

  /** Handlers that are at work are not waited for: one may await this itself. */
  async #end(filter: string, subscriber: Subscriber, listener: FeedListener): Promise<void> {
    if (listener instanceof GroupShare) {
      await delay(GRACE);
      listener.remove(subscriber as PlainSubscriber);
    }
    this.#subscribers.delete(subscriber);
    void subscriber.close();
    if (!(listener instanceof GroupShare) || listener.isUnused) {
      await this.#feeds.remove(filter, listener);
    }
  }

  #make(filter: string, settings: HandlerSettings, terms: SubscriptionTerms): Subscriber {
    const { self, kept, positions, report, maxQueueBytes, transport, presence } = this.deps;
    const { group, concurrency, retain = false } = terms;
    const reliable = Boolean(terms.reliable);
    const handler = new EventHandler(settings, report);
    const limits = { concurrency, maxQueueBytes };
    if (group !== undefined && reliable) {
      const seat = new GroupSeat(group, self, transport);
      const stand = presence.sits(seat.name);
      return new GroupSubscriber(filter, handler, limits, kept, seat, () => {
        stand();
        void presence.announce();
      });
    }
    if (group === undefined && (reliable || retain)) {
      return new KeptSubscriber(
        filter,
        handler,
        limits,
        kept,
        { reliable, retain },
        positions,
        self,
      );
    }
    return new PlainSubscriber(handler, limits);
  }
}
