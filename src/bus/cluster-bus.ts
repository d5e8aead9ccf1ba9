import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { AskResult } from './request/ask-result.interface.js';
import { type BusMember, memberOf } from './membership/bus-member.interface.js';
import type { BusFault } from './bus-fault.interface.js';
import type {
  EventContext,
  RequestContext,
  Subscription,
} from './subscribe/event-context.interface.js';
import type { Gap } from './gaps/gap.interface.js';
import {
  checkBoolean,
  checkFilter,
  checkFunction,
  checkKind,
  checkOptions,
  checkSubscription,
  checkTimeout,
  checkTopic,
  payloadText,
} from './bus.validation.js';
import { BUS, type LazyBus } from './lazy-bus.js';
import { asTopic, kindOf, type Topic } from './publish/topic.js';
import { type TopicOptions } from './publish/topic-options.interface.js';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';

/** Options of `ClusterBus.publish()`. @publicApi */
export interface PublishOptions extends TopicOptions {
  /**
   * Whether the worker that publishes gets the event as well.
   *
   * @defaultValue true
   */
  readonly self?: boolean;
}

/** What a subscription may want, on `subscribe()` and on `@OnClusterEvent()`. @publicApi */
export interface SubscriptionOptions extends TopicOptions {
  /**
   * Each event goes to one subscriber of the group, whichever worker it is in.
   *
   * @defaultValue none: every subscriber gets every event
   */
  readonly group?: string;
  /**
   * How many events are handled at a time; the next one waits until a promise that the handler has
   * returned has settled.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number;
}

/** Options of `ClusterBus.subscribe()`. @publicApi */
export interface SubscribeOptions extends SubscriptionOptions {
  /**
   * Told of events that were missed.
   *
   * @defaultValue a warning in the log
   */
  readonly onGap?: (gap: Gap) => unknown;
}

/** Options of `ClusterBus.ask()`. @publicApi */
export interface AskOptions {
  /**
   * Milliseconds to wait for answers.
   *
   * @defaultValue `bus.askTimeout`
   */
  readonly timeout?: number;
}

/**
 * Events and questions between workers, of this host or, with the option `redis`, of all hosts of the
 * namespace. Injectable anywhere.
 *
 * Payloads are what JSON can carry. Events of one worker on one topic arrive in order.
 *
 * @publicApi
 */
@Injectable()
export class ClusterBus {
  /** @internal */
  constructor(
    @Inject(BUS) private readonly bus: LazyBus,
    @Inject(CLUSTER_OPTIONS) private readonly options: ResolvedClusterOptions,
  ) {}

  /** Who this worker is to the others, as in `EventContext.from`. */
  get member(): BusMember {
    return memberOf(this.bus.self);
  }

  /** What goes wrong with events after they have arrived. It does not fail, and completes when the application has closed. */
  get errors(): Observable<BusFault> {
    return this.bus.faults.asObservable();
  }

  /**
   * Brings an event to all who subscribe to its topic, in every worker. Resolves when the backend has it,
   * not when it has been handled.
   *
   * @throws BusInputError for a payload that JSON cannot carry or that is too long; nothing is published
   * @throws BusUnavailableError if the backend does not take it within `bus.timeout`
   * @throws StateFullError if an event of a topic that is kept finds no memory; it is not published
   * @throws AmbiguousResultError if an event of a topic that is kept may or may not have been
   */
  async publish<In, Out = In>(
    topic: string | Topic<In, Out>,
    payload: NoInfer<In>,
    options: PublishOptions = {},
  ): Promise<void> {
    const { name, options: defaults } = asTopic(topic);
    checkTopic(name);
    checkOptions(name, options, ['self', 'durable', 'retain']);
    checkBoolean(name, 'self', options.self);
    checkKind(name, options);
    const text = payloadText(name, payload, this.options.bus.maxPayloadBytes);
    const bus = await this.bus.use();
    await bus.publish(name, text, { ...options, ...kindOf(defaults, options) });
  }

  /**
   * Calls a handler for every event on a topic, or on all topics that a pattern matches, in which `*`
   * stands for any characters. One event at a time, unless `concurrency` says otherwise.
   *
   * Resolves when whatever is published from now on will arrive. Where the backend is away, after
   * `bus.timeout` at most: the subscription begins by itself when it is back.
   *
   * @throws BusInputError for a topic or an option that cannot be
   */
  async subscribe<Out, In = Out>(
    topic: string | Topic<In, Out>,
    handler: (payload: Out, event: EventContext) => unknown,
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    const { name, options: defaults, schema } = asTopic(topic);
    checkFilter(name);
    checkFunction(name, 'The handler', handler);
    checkOptions(name, options, ['group', 'concurrency', 'onGap', 'durable', 'retain']);
    checkSubscription(name, options);
    const { onGap, ...terms } = options;
    const bus = await this.bus.use();
    return bus.subscribe(
      name,
      { name: handler.name || 'a handler', handle: handler, onGap, schema },
      { ...terms, ...kindOf(defaults, terms), concurrency: terms.concurrency ?? 1 },
    );
  }

  /**
   * Asks every worker that answers the topic, this one too, and waits for the answers: until all have
   * answered, have ended, or the time is over.
   *
   * @throws BusInputError for a payload that JSON cannot carry or that is too long, and for an option that cannot be
   * @throws BusUnavailableError if the backend does not take the question
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
    checkOptions(name, options, ['timeout']);
    const { timeout = this.options.bus.askTimeout } = options;
    checkTimeout(name, timeout);
    const text = payloadText(name, payload ?? null, this.options.bus.maxPayloadBytes);
    const bus = await this.bus.use();
    return bus.ask(name, text, timeout);
  }

  /**
   * Answers the questions on a topic, from this worker: with what the handler returns, or as failed if it
   * throws.
   *
   * @throws BusInputError if something in this worker answers the topic already, or for a handler that is none
   */
  async answer<Out, In = Out, Answer = unknown>(
    topic: string | Topic<In, Out, Answer>,
    handler: (payload: Out, question: RequestContext) => Answer | Promise<Answer>,
  ): Promise<Subscription> {
    const { name, schema } = asTopic(topic);
    checkTopic(name);
    checkFunction(name, 'The handler', handler);
    const bus = await this.bus.use();
    return bus.answer(name, {
      name: handler.name || 'a handler',
      answer: handler,
      schema,
    });
  }
}
