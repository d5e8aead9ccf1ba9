import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { BusUnavailableError } from '../model/errors/bus-unavailable.error.js';
import { StateUnavailableError } from '../model/errors/state-unavailable.error.js';
import type { AskResult } from './request/ask-result.interface.js';
import { type BusMember, memberOf } from './membership/bus-member.interface.js';
import type { BusFault } from './bus-fault.interface.js';
import type {
  EventContext,
  RequestContext,
  Subscription,
} from './subscribe/event-context.interface.js';
import type { SubscribeOptions } from './subscribe/subscription-options.interface.js';
import {
  ASK_RULES,
  checkFilter,
  checkFunction,
  checkOptions,
  checkSubscription,
  checkTopic,
  GROUP_RULES,
  NO_OPTIONS,
  payloadText,
  PUBLISH_RULES,
  SUBSCRIBE_RULES,
} from './bus.validation.js';
import { BUS, type LazyBus } from './lazy-bus.js';
import { EmissionLog } from './publish/emission-log.js';
import { isRecord } from '../system/is-record.js';
import { asText } from '../system/text/shown.js';
import type { DurableTopicInfo } from './publish/durable-topic-info.js';
import { asTopic, kindOf, type Topic } from './publish/topic.js';
import type { TopicOptions } from './publish/topic-options.interface.js';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';

/** Options of `ClusterBus.publish()`. @publicApi */
export interface PublishOptions extends TopicOptions {
  /**
   * Whether subscribers in the publishing worker get the event, too.
   *
   * @defaultValue true
   */
  readonly self?: boolean | undefined;
}

/** Options of `ClusterBus.ask()`. @publicApi */
export interface AskOptions {
  /**
   * Milliseconds to wait for answers.
   *
   * @defaultValue `bus.askTimeout`
   */
  readonly timeout?: number | undefined;
}

/**
 * Events and requests between the workers of this host or, with the option `redis`, of all hosts of the namespace.
 * Injectable anywhere.
 *
 * Payloads are JSON values. Events of one worker on one topic arrive in order.
 *
 * @publicApi
 */
@Injectable()
export class ClusterBus {
  readonly #emissions = new EmissionLog(message => new Logger('ClusterBus').error(message));

  /** @internal */
  constructor(
    @Inject(BUS) private readonly bus: LazyBus,
    @Inject(CLUSTER_OPTIONS) private readonly options: ResolvedClusterOptions,
  ) {}

  /** This worker as others see it in `EventContext.from`. */
  get member(): BusMember {
    return memberOf(this.bus.self);
  }

  /** Aborts when this worker begins to drain. @internal */
  get drainSignal(): AbortSignal {
    return this.bus.drainSignal;
  }

  /**
   * Emits failures to handle events: invalid payloads and failed handlers. Never errors; completes when the
   * application closes.
   */
  get errors(): Observable<BusFault> {
    return this.bus.faults.asObservable();
  }

  /**
   * Publishes an event to all subscribers of its topic, in every worker. Resolves when the backend has accepted the
   * event, not when it has been handled.
   *
   * @throws BusInputError for an invalid topic or option, or a payload that is not JSON or too long; nothing is
   *   published
   * @throws BusUnavailableError if the backend does not accept the event within `bus.timeout`
   * @throws StateFullError if the backend has no memory for an event of a durable or retained topic; it is not
   *   published
   * @throws AmbiguousResultError if an event of a durable or retained topic may or may not have been published
   */
  async publish<In, Out = In>(
    topic: string | Topic<In, Out>,
    payload: NoInfer<In>,
    options: PublishOptions = NO_OPTIONS,
  ): Promise<void> {
    const { name, options: defaults } = asTopic(topic);
    checkTopic(name);
    checkOptions(name, options, PUBLISH_RULES);
    const text = payloadText(name, payload, this.options.bus.maxPayloadBytes);
    // Before the caller can change the options.
    const kind = kindOf(defaults, options);
    const { self } = options;
    const deadline = this.bus.nextDeadline;
    const bus = await this.bus.use(why => new BusUnavailableError(name, why, false));
    await bus.publish(name, text, kind, self, deadline);
  }

  /**
   * Publishes an event like `publish()`, without waiting for the backend. Never throws: every failure is logged, also
   * that of an invalid topic or payload. While events on a topic fail, one error a minute is logged for that topic.
   *
   * The payload is converted to JSON before `emit()` returns, so later changes of it have no effect. Events of
   * `emit()` and `publish()` on one topic arrive in the order of the calls.
   */
  emit<In, Out = In>(
    topic: string | Topic<In, Out>,
    payload: NoInfer<In>,
    options: PublishOptions = NO_OPTIONS,
  ): void {
    this.publish(topic, payload, options).catch((error: unknown) =>
      this.#emissions.failed(nameOf(topic), error),
    );
  }

  /**
   * Calls a handler for every event on a topic, or on all topics that match a pattern, in which `*` stands for any
   * characters. Events are handled one at a time unless `concurrency` is set.
   *
   * Resolves when all events that are published from now on will arrive. If the backend is unavailable, it resolves
   * after at most `bus.timeout`, and the subscription starts when the backend is back. A pattern on a Redis Cluster
   * misses events of a worker whose event loop is blocked until shortly before `bus.timeout`, without a gap.
   *
   * @throws BusInputError for an invalid topic, handler or option
   */
  async subscribe<Out, In = Out>(
    topic: string | Topic<In, Out>,
    handler: (payload: Out, event: EventContext) => unknown,
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    const { name, options: defaults, schema } = asTopic(topic);
    checkFilter(name);
    checkFunction(name, 'The handler of', handler);
    checkSubscription(name, defaults, options, SUBSCRIBE_RULES);
    const { onGap, ...terms } = options;
    const deadline = this.bus.nextDeadline;
    const bus = await this.bus.use(why => unavailable('subscribe', name, why));
    return bus.subscribe(
      name,
      { name: handler.name || 'a handler', handle: handler, onGap, schema },
      { ...terms, ...kindOf(defaults, terms), concurrency: terms.concurrency ?? 1 },
      deadline,
    );
  }

  /**
   * Returns the durable and retained topics that have stored events, with their consumer groups.
   *
   * @param filter the name of a topic, or a pattern
   * @throws BusInputError for an invalid filter
   * @throws StateUnavailableError if the backend does not answer within `bus.timeout`
   */
  async durableTopics(filter = '*'): Promise<DurableTopicInfo[]> {
    checkFilter(filter);
    const bus = await this.bus.use(why => new StateUnavailableError('durableTopics', filter, why));
    return bus.durableTopics(filter);
  }

  /**
   * Deletes the stored events of a durable or retained topic, with all its consumer groups. Events that are published
   * later start a new log: a subscriber that has read the old one gets a gap with the reason `lost`.
   *
   * @returns whether the topic had stored events or groups
   * @throws BusInputError for an invalid topic
   * @throws StateUnavailableError if it was not deleted, AmbiguousResultError if it may have been
   */
  async deleteTopic(topic: string | Topic): Promise<boolean> {
    const { name } = asTopic(topic);
    checkTopic(name);
    const bus = await this.bus.use(why => new StateUnavailableError('deleteTopic', name, why));
    return bus.deleteTopic(name);
  }

  /**
   * Deletes a consumer group of a durable topic, with its offset. Events that its members have not handled are not
   * handled by the group.
   *
   * @returns whether the group existed
   * @throws BusInputError if the group has members with `durable`, or for an invalid topic or group
   * @throws StateUnavailableError if it was not deleted, AmbiguousResultError if it may have been
   */
  async deleteGroup(topic: string | Topic, group: string): Promise<boolean> {
    const { name } = asTopic(topic);
    checkTopic(name);
    checkOptions(name, { group }, GROUP_RULES);
    const deadline = this.bus.nextDeadline;
    const bus = await this.bus.use(why => new StateUnavailableError('deleteGroup', name, why));
    return bus.deleteGroup(name, group, deadline);
  }

  /**
   * Sends a request to every worker that answers the topic, including this one. Resolves when all of them have
   * answered or ended, or when `timeout` is over.
   *
   * @throws BusInputError for an invalid topic or option, or a payload that is not JSON or too long
   * @throws BusUnavailableError if the backend does not accept the request within `bus.timeout`
   */
  ask<In, Out, Answer>(
    topic: Topic<In, Out, Answer>,
    payload: NoInfer<In>,
    options?: AskOptions,
  ): Promise<AskResult<Answer>>;
  ask<Answer = unknown>(
    topic: string,
    payload?: unknown,
    options?: AskOptions,
  ): Promise<AskResult<Answer>>;
  async ask(
    topic: string | Topic,
    payload?: unknown,
    options: AskOptions = {},
  ): Promise<AskResult> {
    const { name } = asTopic(topic);
    checkTopic(name);
    checkOptions(name, options, ASK_RULES);
    const { timeout = this.options.bus.askTimeout } = options;
    const text = payloadText(name, payload ?? null, this.options.bus.maxPayloadBytes);
    const deadline = this.bus.nextDeadline;
    const bus = await this.bus.use(why => unavailable('ask', name, why));
    return bus.ask(name, text, timeout, deadline);
  }

  /**
   * Answers the requests on a topic with the value that the handler returns. If the handler throws, the requester
   * gets the reason `failed`. If the backend is unavailable, it resolves after at most `bus.timeout`, and requests are
   * answered when the backend is back.
   *
   * @throws BusInputError if this worker already answers the topic, or for an invalid topic or handler
   */
  async answer<Out, In = Out, Answer = unknown>(
    topic: string | Topic<In, Out, Answer>,
    handler: (payload: Out, question: RequestContext) => Answer | Promise<Answer>,
  ): Promise<Subscription> {
    const { name, schema } = asTopic(topic);
    checkTopic(name);
    checkFunction(name, 'The handler of', handler);
    const deadline = this.bus.nextDeadline;
    const bus = await this.bus.use(why => unavailable('answer', name, why));
    const settings = { name: handler.name || 'a handler', answer: handler, schema };
    return bus.answer(name, settings, deadline);
  }
}

function unavailable(method: string, filter: string, why: string): BusUnavailableError {
  return new BusUnavailableError(filter, why, false, { method });
}

/** Returns the name of a topic, for a log line. The topic may be invalid. */
function nameOf(topic: unknown): string {
  try {
    return asText(isRecord(topic) ? topic['name'] : topic);
  } catch {
    return asText(topic);
  }
}
