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

/** Delay between attempts to start a subscription for which the backend did not return the offset. */
const RETRY_MILLISECONDS = 500;

/**
 * Milliseconds after which all members know of a change that was announced. A member that leaves a group handles the
 * events assigned to it for this long. A member that depends on the publishers' knowledge waits at least this long
 * before it starts.
 */
const GRACE = 250;

/**
 * The subscriptions of one application.
 *
 * @internal
 */
export class SubscriptionManager {
  readonly #feeds: FeedRegistry;
  readonly #subscribers = new Map<
    Subscriber,
    {
      readonly filter: string;
      readonly isDurable: boolean;
      /** Called when the subscriber has started. */
      readonly onStarted: () => Promise<void>;
    }
  >();
  /** Subscribers that have not started yet. */
  readonly #unstarted = new Set<Subscriber>();
  readonly #shares: PlainGroupRegistry;
  #leftGroupsAt: number | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(private readonly deps: SubscriptionManagerDependencies) {
    this.#feeds = new FeedRegistry(deps.transport, deps.self);
    this.#shares = new PlainGroupRegistry(deps.self);
  }

  /**
   * Adds a subscription. Resolves when no event that is published from now on will be missed. While the backend is
   * unavailable, resolves as soon as that is known; the subscription then starts when the backend is back.
   *
   * @param deadline when `add()` stops waiting, by {@link monotonicNow}; the subscription then starts in the background
   */
  async add(
    filter: string,
    settings: HandlerSettings,
    terms: SubscriptionTerms,
    deadline: number,
  ): Promise<Subscription> {
    const { membership, relays, transport } = this.deps;
    const subscriber = makeSubscriber(filter, settings, terms, this.deps);
    const listener = this.#listenerFor(filter, subscriber, terms);
    const isDurable = (terms.durable ?? false) !== false;
    const { group } = terms;
    const withdrawals: (() => void)[] = [];
    let isOver = false;
    let isAnnounced = false;
    // A subscription may end before it starts if the backend is unavailable. It must not be announced afterwards.
    const ended = (): boolean => isOver || !this.#subscribers.has(subscriber);
    const onStarted = async (): Promise<void> => {
      // Publishers leave stored events to a durable group that is announced, so the group must exist before.
      if (isDurable && group !== undefined && !isAnnounced && !ended()) {
        isAnnounced = true;
        withdrawals.push(membership.subscribes({ filter, group, isDurable }));
        await membership.announce();
      }
    };
    this.#subscribers.set(subscriber, { filter, isDurable, onStarted });
    const begin = async (): Promise<void> => {
      await this.#feeds.add(filter, listener);
      if (ended()) {
        return;
      }
      // Other members send to announced subscribers at once, so the feed must be open before.
      withdrawals.push(membership.subscribes(isDurable ? { filter } : { filter, group }));
      await membership.announce();
      if (transport.relaysToPatterns && isPattern(filter)) {
        // Members that have joined meanwhile are known then.
        await delay(GRACE);
        if (transport.unavailableSince === undefined) {
          await relays.until(filter, deadline - monotonicNow() - GRACE);
        }
      }
      if (!ended()) {
        await this.#start(subscriber);
      }
    };
    await within(deadline - monotonicNow(), begin(), () => this.#startLater(subscriber));
    return idempotent(async () => {
      isOver = true;
      withdrawals.forEach(withdraw => withdraw());
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

  /** The number and the bytes of the events in all queues, and the fullness of the fullest one. */
  get queue(): QueueVitals {
    const all = { length: 0, bytes: 0, fullness: 0 };
    for (const { queue } of this.#subscribers.keys()) {
      all.length += queue.length;
      all.bytes += queue.bytes;
      all.fullness = Math.max(all.fullness, queue.fullness);
    }
    return all;
  }

  /** All subscriptions. */
  get all(): { readonly filter: string; readonly isDurable: boolean; readonly queued: number }[] {
    return [...this.#subscribers].map(([{ queue }, { filter, isDurable }]) => ({
      filter,
      isDurable,
      queued: queue.length,
    }));
  }

  /** Called when a member has left, or has given up consumers of groups. */
  onMemberLeft(): void {
    this.#subscribers.forEach((_, subscriber) => subscriber.onMemberLeft());
  }

  /** Called when the backend is available again. */
  startAgain(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#unstarted.forEach(subscriber => void this.#start(subscriber));
  }

  /** Stops taking events for groups. */
  leaveGroups(): void {
    this.#leftGroupsAt ??= monotonicNow();
    for (const subscriber of this.#subscribers.keys()) {
      if (subscriber instanceof GroupSubscriber) {
        void subscriber.close();
      }
    }
  }

  /** Stops calling handlers. Resolves when none is running, or after `timeout` milliseconds. */
  async quiesce(timeout: number): Promise<void> {
    clearTimeout(this.#retry);
    this.#unstarted.clear();
    if (!this.#shares.isEmpty) {
      const sinceThen = monotonicNow() - (this.#leftGroupsAt ?? 0);
      await delay(Math.min(timeout, Math.max(0, GRACE - sinceThen)));
    }
    let busy = this.#subscribers.size;
    const closed = [...this.#subscribers.keys()].map(subscriber =>
      subscriber.close().finally(() => busy--),
    );
    this.#subscribers.clear();
    await within(timeout, Promise.all(closed), () => this.deps.report.warn(busMessages.busy(busy)));
  }

  async #start(subscriber: Subscriber): Promise<void> {
    const subscription = this.#subscribers.get(subscriber);
    try {
      await subscriber.start();
      this.#unstarted.delete(subscriber);
      await subscription?.onStarted();
    } catch (error) {
      if (subscription) {
        this.deps.topics.stalled(subscription.filter, error);
      }
      this.#startLater(subscriber);
    }
  }

  #startLater(subscriber: Subscriber): void {
    if (this.#subscribers.has(subscriber)) {
      this.#unstarted.add(subscriber);
      this.#retry ??= setTimeout(() => this.startAgain(), RETRY_MILLISECONDS).unref();
    }
  }

  /** Returns the listener that a feed gets for a subscriber: the subscriber itself, or its group in this process. */
  #listenerFor(filter: string, subscriber: Subscriber, { group }: SubscriptionTerms): FeedListener {
    return group !== undefined && subscriber instanceof PlainSubscriber
      ? this.#shares.join({ filter, group }, subscriber)
      : subscriber;
  }

  /** Does not wait for running handlers: a handler may itself await `unsubscribe()`. */
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
