import type { Logger } from '@nestjs/common';
import type { BusVitals } from '../model/host-status.interface.js';
import { BusInputError } from '../model/errors/bus-input.error.js';
import { BusUnavailableError } from '../model/errors/bus-unavailable.error.js';
import { StateUnavailableError } from '../model/errors/state-unavailable.error.js';
import { timeLeftUntil } from '../system/time/deadline-timer.js';
import { monotonicNow } from '../system/time/monotonic-now.js';
import { within } from '../system/async/within.js';
import type { StateClient } from '../state/client/state-client.js';
import type { AnswererSettings } from './request/responder.js';
import type { AskResult } from './request/ask-result.interface.js';
import { busMessages } from './bus.messages.js';
import type { BusFault } from './bus-fault.interface.js';
import { memberOf, type MemberList, type Sender } from './membership/bus-member.interface.js';
import {
  type DurableEvent,
  eventText,
  durableEventText,
  type PrivateText,
  type RelayedPatternsText,
  type SentEvent,
} from './payload/bus-message.js';
import {
  highWaterMarksShape,
  privateTextShape,
  requestsTextShape,
} from './payload/bus-message.shapes.js';
import {
  ANY_STREAM,
  type BusTransport,
  type Channel,
  type Mark,
  topicOf,
} from './bus-transport.interface.js';
import type { Subscription } from './subscribe/event-context.interface.js';
import type { HandlerSettings } from './subscribe/event-handler.js';
import { FaultReport } from './fault-report.js';
import { type RetentionPolicy, retentionPolicyOf } from './publish/retention-policy.js';
import type { DurableTopicInfo } from './publish/durable-topic-info.js';
import { DurableTopics } from './publish/durable-topics.js';
import { HIGH_WATER_MARKS, OffsetSync } from './gaps/offset-sync.js';
import { MemberWatch } from './membership/member-watch.js';
import { Membership } from './membership/membership.js';
import { PatternRelays } from './membership/pattern-relays.js';
import type { ConsumerOffsets } from './subscribe/durable/consumer-offsets.js';
import { Requests } from './request/requests.js';
import { BUS_VERSION, readText } from './payload/read-message.js';
import { BusWarnings } from './bus-warnings.js';
import { OwnMemberInfo } from './membership/own-member-info.js';
import { PublisherRegistry } from './publish/publisher-registry.js';
import type { SubscriptionTerms } from './subscribe/subscription-terms.interface.js';
import { SubscriptionManager } from './subscribe/subscription-manager.js';
import type { TopicOptions } from './publish/topic-options.interface.js';
import { topicActivities, type TopicActivity } from './topic-activity.js';
import { topicMatcher } from './topic-filter.js';

/** @internal */
export interface BusClientDependencies {
  readonly self: Sender;
  readonly transport: BusTransport;
  readonly state: StateClient;
  readonly offsets: ConsumerOffsets;
  readonly options: {
    readonly timeout: number;
    readonly maxPayloadBytes: number;
    readonly maxQueueBytes: number;
  };
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  readonly onFault: (fault: BusFault) => void;
  /** Called when the client is closed. */
  readonly onClosed: () => void;
}

/**
 * The bus as one application uses it. The `deadline` of a call is a time of the monotonic clock; by default, it is
 * `bus.timeout` after the call.
 *
 * @internal
 */
export class BusClient {
  readonly #publishers: PublisherRegistry;
  readonly #topics: DurableTopics;
  readonly #watch: MemberWatch;
  readonly #offsetSync: OffsetSync;
  readonly #membership: Membership;
  readonly #relays = new PatternRelays(() => this.#watch.members.names);
  readonly #requests: Requests;
  readonly #subscriptions: SubscriptionManager;
  /** Resolves when this member receives messages. */
  readonly #listening: Promise<unknown>;
  /** Resolves when this member knows the other members, or when the backend is unavailable. */
  readonly #knowsMembers: Promise<void>;
  readonly #selfText: OwnMemberInfo;
  readonly #report: FaultReport;
  readonly #warnings: BusWarnings;
  #isClosed = false;

  constructor(private readonly deps: BusClientDependencies) {
    const { self, transport, state, offsets, options, logger, onFault } = deps;
    const { timeout, maxPayloadBytes, maxQueueBytes } = options;
    const report = new FaultReport(logger, onFault);
    this.#report = report;
    this.#warnings = new BusWarnings(message => report.warn(message));
    this.#selfText = new OwnMemberInfo(self);
    this.#publishers = new PublisherRegistry(transport, this.#selfText);
    this.#topics = new DurableTopics(state, timeout, this.#warnings);
    this.#membership = new Membership(self, transport);
    this.#requests = new Requests({
      self,
      transport,
      membership: this.#membership,
      report,
      timeout,
      maxPayloadBytes,
    });
    this.#subscriptions = new SubscriptionManager({
      self: self.member,
      transport,
      topics: this.#topics,
      membership: this.#membership,
      relays: this.#relays,
      offsets,
      report,
      publish: (topic, payload) => this.publish(topic, payload, { durable: true }),
      maxQueueBytes,
    });
    this.#offsetSync = new OffsetSync(self, transport, this.#publishers, this.#subscriptions);
    this.#watch = new MemberWatch(transport, {
      onGone: member => {
        this.#requests.gone(member);
        this.#relays.gone(member);
      },
      onPatterns: (member, patterns) => this.#confirm(member, patterns),
      onFewerConsumers: () => this.#subscriptions.onMemberLeft(),
    });
    transport.open(this.#membership.info, {
      onText: (channel, text) => this.#onText(channel, text),
      onSkipped: (channel, mark) => this.#onSkipped(channel, mark),
      onMember: change => this.#watch.change(change),
      onUnreadable: (place, error) => this.#warnings.unreadable(place, error),
      onAvailable: () => this.#onAvailable(),
      onResumed: channels => this.#onResumed(channels),
      patternsFor: topic => this.#watch.members.patternsFor(topic),
    });
    this.#listening = Promise.all([
      transport.subscribe(`to:${self.member}`),
      transport.subscribe(HIGH_WATER_MARKS),
    ]);
    this.#knowsMembers = this.#watch.learn();
  }

  /** The bytes of all events that wait for their handlers. */
  get queueBytes(): number {
    return this.#subscriptions.queue.bytes;
  }

  get vitals(): BusVitals {
    const { length: queued, fullness } = this.#subscriptions.queue;
    return { ...this.#report.losses.counts, queued, fullness, unsent: this.#publishers.waiting };
  }

  /** Resolves with the members on all hosts. */
  async members(): Promise<readonly Sender[]> {
    const { infos, strangers } = await this.deps.transport.members();
    return [...infos, ...strangers];
  }

  /** Returns what happens on each topic in this process. */
  topicActivity(): readonly TopicActivity[] {
    return topicActivities(this.#report.topics, this.#subscriptions.all);
  }

  /** Announces a change of this member's identity. */
  announceSelf(): void {
    void this.#membership.announce();
  }

  /**
   * Resolves when this member receives messages and knows the other members, or when it is known that it will once
   * the backend is available; at the latest after `bus.timeout`.
   */
  async join(): Promise<void> {
    const joined = Promise.all([this.#listening, this.#knowsMembers]);
    await within(this.deps.options.timeout, joined, () => {});
  }

  /**
   * @param payload as JSON
   * @param kind which events of the topic are stored
   * @param self whether this member gets the event, too
   * @throws BusUnavailableError, AmbiguousResultError
   */
  async publish(
    topic: string,
    payload: string,
    kind: TopicOptions,
    self = true,
    deadline = this.#nextDeadline,
  ): Promise<void> {
    this.#assertReachable(topic);
    if (!this.#watch.isKnown) {
      // The event is for certain members: those that its groups select.
      await within(deadline - monotonicNow(), this.#watch.untilKnown(), () => {});
      this.#assertReachable(topic);
    }
    const retention = retentionPolicyOf(kind);
    const except = self ? undefined : this.deps.self.member;
    const to = this.#watch.members.pick(topic, retention !== undefined, except);
    const event: Omit<SentEvent, 'payload'> = { self: self ? undefined : false, to };
    if (retention) {
      await this.#append(topic, payload, event, retention, deadline);
    } else {
      await this.#publishers.of(topic).publish(payload, event, deadline);
    }
    this.#report.topics.published(topic);
  }

  /** Resolves when no later event will be missed, or when it is known that the backend is unavailable. */
  subscribe(
    filter: string,
    settings: HandlerSettings,
    terms: SubscriptionTerms,
    deadline = this.#nextDeadline,
  ): Promise<Subscription> {
    return this.#subscriptions.add(filter, settings, terms, deadline);
  }

  /**
   * @param timeout milliseconds to wait for answers
   * @param deadline when the request must have been sent
   * @throws BusUnavailableError if the request could not be sent
   */
  async ask(
    topic: string,
    payload: string,
    timeout: number,
    deadline = this.#nextDeadline,
  ): Promise<AskResult> {
    this.#assertReachable(topic, 'ask');
    return this.#requests.ask(topic, payload, timeout, deadline);
  }

  /**
   * Answers the requests on a topic.
   *
   * @throws BusInputError if this member already answers the topic
   */
  answer(
    topic: string,
    settings: AnswererSettings,
    deadline = this.#nextDeadline,
  ): Promise<Subscription> {
    return this.#requests.answer(topic, settings, deadline);
  }

  /** Returns the durable and retained topics that match a filter. */
  durableTopics(filter: string): Promise<DurableTopicInfo[]> {
    return this.#topics.describe(filter);
  }

  /** Deletes the stored events of a topic, and its groups. @returns whether there were any */
  deleteTopic(topic: string): Promise<boolean> {
    return this.#topics.delete(topic);
  }

  /**
   * Deletes a group on the stored events of a topic. Members without `durable` do not read these.
   *
   * @throws BusInputError if the group has members that do, StateUnavailableError if the members are unknown
   */
  async deleteGroup(topic: string, group: string, deadline = this.#nextDeadline): Promise<boolean> {
    const { infos } = await this.#currentMembers('deleteGroup', topic, deadline);
    const member = infos.find(({ groups }) =>
      groups.some(
        ({ isDurable, ...place }) =>
          isDurable && place.group === group && topicMatcher(place.filter)(topic),
      ),
    );
    if (member) {
      throw new BusInputError(topic, busMessages.groupHasMembers(topic, group, memberOf(member)));
    }
    return this.#topics.deleteGroup(topic, group, timeLeftUntil(deadline));
  }

  /** Called when the application has booted: later subscriptions have no predecessor. */
  begun(): void {
    this.deps.offsets.begun();
  }

  /**
   * Returns the next stored events of a durable topic after an offset, and whether the first of them follows on the event
   * at that offset. Those that cannot be read are left out.
   */
  async history(
    topic: string,
    after: string,
  ): Promise<{ events: (DurableEvent & { offset: string })[]; follows: boolean }> {
    const { entries, follows } = await this.#topics.after(topic, after);
    return { events: entries.flatMap(entry => this.#topics.read(topic, entry) ?? []), follows };
  }

  /** Called when another worker of this host has ended. */
  forgetMember(member: string): void {
    this.deps.transport.forgetMember(member);
  }

  /** Accepts no more work: leaves all groups and stops answering requests. */
  drain(): void {
    void this.#membership.leave();
    // The successor starts at about this time and needs the offsets.
    void this.deps.offsets.tell();
    this.#subscriptions.leaveGroups();
  }

  /** Stops calling handlers. Resolves when none is running, or after `timeout` milliseconds. */
  async quiesce(timeout: number): Promise<void> {
    this.drain();
    await Promise.all([this.#subscriptions.quiesce(timeout), this.#requests.quiesce(timeout)]);
    await this.deps.offsets.tell();
  }

  /** Settles every call, and releases the backend. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch.close();
    await this.#subscriptions.quiesce(0);
    this.deps.offsets.close();
    this.#requests.close();
    this.#publishers.close();
    await this.deps.transport.close();
    this.deps.onClosed();
  }

  get #nextDeadline(): number {
    return monotonicNow() + this.deps.options.timeout;
  }

  async #currentMembers(method: string, topic: string, deadline: number): Promise<MemberList> {
    const { transport } = this.deps;
    try {
      return await within(deadline - monotonicNow(), transport.members(), () => {
        throw new Error(busMessages.unanswered());
      });
    } catch (cause) {
      const why = transport.whyUnusable ?? (cause as Error).message;
      throw new StateUnavailableError(method, topic, why, { cause });
    }
  }

  async #append(
    topic: string,
    payload: string,
    event: Omit<SentEvent, 'payload'>,
    retention: RetentionPolicy,
    deadline: number,
  ): Promise<void> {
    const head = `"v":${BUS_VERSION},"from":${this.#selfText.text},"topic":${JSON.stringify(topic)},`;
    const text = eventText(payload, event, head);
    try {
      const offset = await this.#topics.append(topic, text, retention, deadline);
      this.deps.transport.relay(topic, durableEventText(offset, text));
    } catch (error) {
      if (error instanceof StateUnavailableError) {
        throw new BusUnavailableError(topic, error.why, false, { cause: error });
      }
      throw error;
    }
  }

  /** Fails at once if the backend has been unavailable for longer than a call may take. */
  #assertReachable(topic: string, method?: 'ask'): void {
    const { unavailableSince, whyUnusable } = this.deps.transport;
    const isAway =
      whyUnusable !== undefined ||
      (unavailableSince !== undefined &&
        monotonicNow() - unavailableSince > this.deps.options.timeout);
    if (this.#isClosed || isAway) {
      const why = this.#isClosed
        ? busMessages.closed()
        : (whyUnusable ?? busMessages.unreachable());
      throw new BusUnavailableError(topic, why, false, method && { method });
    }
  }

  /** A message may come from another version or another program. An invalid one must not end this process. */
  #onText(channel: Channel, text: string): void {
    try {
      this.#take(channel, text);
    } catch (error) {
      this.#warnings.unreadable(channel, error as Error);
    }
  }

  #take(channel: Channel, text: string): void {
    if (topicOf(channel) !== undefined) {
      this.#subscriptions.onText(channel, text);
    } else if (channel.startsWith('ask:')) {
      this.#requests.asked(readText(text, requestsTextShape));
    } else if (channel === HIGH_WATER_MARKS) {
      this.#offsetSync.take(readText(text, highWaterMarksShape));
    } else {
      this.#onPrivateText(readText(text, privateTextShape));
    }
  }

  #onPrivateText(message: PrivateText): void {
    if ('replies' in message) {
      this.#requests.answered(message);
    } else if ('relaysTo' in message) {
      this.#relays.confirm(message.publisher, message.relaysTo);
    } else {
      this.#offsetSync.take(message);
    }
  }

  /** Tells a member that its patterns get the events that this member publishes from now on. */
  #confirm(member: string, patterns: readonly string[]): void {
    const { self, transport } = this.deps;
    if (transport.relaysToPatterns) {
      const message: RelayedPatternsText = { relaysTo: patterns, publisher: self.member };
      const text = JSON.stringify({ v: BUS_VERSION, ...message });
      // Not retried: the member waits for a limited time only.
      transport.publish(`to:${member}`, text).catch(() => {});
    }
  }

  #onAvailable(): void {
    void this.#watch.learn();
    this.#topics.forget();
    this.#publishers.wake();
    this.#subscriptions.startAgain();
  }

  #onSkipped(channel: Channel, mark: Mark): void {
    if (mark.stream === ANY_STREAM) {
      this.#onResumed([channel]);
    } else {
      this.#subscriptions.onSkipped(channel, mark);
    }
  }

  /** Messages in the meantime are lost: reads the list of members, and asks for high-water marks. */
  #onResumed(channels: readonly Channel[]): void {
    channels.forEach(channel => this.#subscriptions.onResumed(channel));
    void this.#watch.learn();
    this.#offsetSync.resumed(channels);
  }
}
