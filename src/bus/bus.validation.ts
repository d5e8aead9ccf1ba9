import { BusInputError } from '../model/errors/bus-input.error.js';
import { MAX_DURATION, MAX_TIMER } from '../state/max-duration.js';
import { bytesBeyond, jsonText, type NotJsonError } from '../system/text/json-text.js';
import { InputChecks } from '../validation/input-checks.js';
import { fieldsOf } from '../validation/read-fields.js';
import type { RuleTable } from '../validation/rule.interface.js';
import {
  aFunction,
  bytes,
  milliseconds,
  name,
  required,
  text,
  trueOrFalse,
  whole,
} from '../validation/rules.js';
import type { TopicOptions } from './publish/topic-options.interface.js';
import type { SubscriptionOptions } from './subscribe/subscription-options.interface.js';
import { isPattern, topicMatcher } from './topic-filter.js';

const MAX_TOPIC_BYTES = 512;

const UNPRINTABLE = /\p{Surrogate}|\p{Cc}/u;

const topicName = name(
  MAX_TOPIC_BYTES,
  'a string of at least one character, or made by defineTopic()',
  {
    pattern: UNPRINTABLE,
    expected: 'well-formed Unicode without control characters',
  },
);

/** Whether a topic may have this name. */
function isTopicName(value: string): boolean {
  const isShort = bytesBeyond(value, MAX_TOPIC_BYTES) === undefined;
  return value !== '' && isShort && !UNPRINTABLE.test(value) && !isPattern(value);
}

const retention = {
  durable: fieldsOf(
    {
      maxLength: whole(1, 1e9),
      maxAge: milliseconds(1, MAX_DURATION),
      maxBytes: bytes('16mb'),
    },
    trueOrFalse,
  ),
  retain: trueOrFalse,
};

const groupName = text('a string of 1 to 128 characters', value =>
  /^[^\p{Cc}\p{Surrogate}]{1,128}$/u.test(value),
);

const subscription = {
  group: groupName,
  concurrency: whole(1, 1e6),
  timeout: milliseconds(1, MAX_TIMER),
  retries: whole(0, 1_000),
  backoff: milliseconds(1, MAX_TIMER),
  deadLetter: text('the name of a topic, without "*"', isTopicName),
  ...retention,
};

/** Options of `defineTopic()`. @internal */
export const TOPIC_RULES = retention;

/** Options of `ClusterBus.publish()`. @internal */
export const PUBLISH_RULES = { self: trueOrFalse, ...retention };

/** The group of `ClusterBus.deleteGroup()`. @internal */
export const GROUP_RULES = { group: required(groupName) };

/** Options of `ClusterBus.subscribe()`. @internal */
export const SUBSCRIBE_RULES = { ...subscription, onGap: aFunction };

/** Options of `@OnClusterEvent()`. @internal */
export const ON_EVENT_RULES = {
  ...subscription,
  onGap: text('the name of a method of the same class', value => value !== ''),
};

/** Options of `ClusterBus.ask()`. @internal */
export const ASK_RULES = { timeout: milliseconds(1, MAX_TIMER) };

/** Throws a `BusInputError` for an invalid argument. */
const busInput = new InputChecks(BusInputError);

/** Checks the name of a topic. @throws BusInputError if it is invalid @internal */
export function checkTopic(topic: unknown): asserts topic is string {
  checkFilter(topic);
  if (isPattern(topic)) {
    throw new BusInputError(
      topic,
      `"${topic}" is a pattern, which only subscriptions accept. Give the name of a single topic, without "*".`,
    );
  }
}

/** Checks the name of a topic or a pattern. @throws BusInputError if it is invalid @internal */
export function checkFilter(filter: unknown): asserts filter is string {
  busInput.name(topicName, 'The name of a topic', filter);
}

/** The options of a call without options. They are valid, and not checked each time. @internal */
export const NO_OPTIONS = Object.freeze({});

/** Checks the options of a call. @throws BusInputError for an unknown option or an invalid value @internal */
export function checkOptions(topic: string, options: unknown, rules: RuleTable): void {
  if (options !== NO_OPTIONS) {
    busInput.options(rules, '', topic, options);
  }
}

/** The options that need a group of a durable topic. */
const RETRY_OPTIONS = ['retries', 'backoff', 'deadLetter'] as const;

/**
 * Checks the options of a subscription.
 *
 * @param definition the options of the topic, which the others override
 * @throws BusInputError for an unknown option, an invalid value, or options that exclude each other
 * @internal
 */
export function checkSubscription(
  filter: string,
  definition: TopicOptions,
  options: SubscriptionOptions,
  rules: RuleTable,
): void {
  checkOptions(filter, options, rules);
  const { group, durable = definition.durable, deadLetter } = options;
  if (group !== undefined && options.retain) {
    throw new BusInputError(
      filter,
      `The subscription to "${filter}" has both group and retain. Remove one of them: retain sends the last event to every subscriber, and group sends each event to one member.`,
    );
  }
  const option = RETRY_OPTIONS.find(each => options[each] !== undefined);
  if (option && (group === undefined || !durable)) {
    throw new BusInputError(
      filter,
      `The subscription to "${filter}" has ${option}, but no ${group === undefined ? 'group' : 'durable'}. Events are handled again only in groups of durable topics: set group and durable, or remove ${option}.`,
    );
  }
  if (deadLetter !== undefined && topicMatcher(filter)(deadLetter)) {
    throw new BusInputError(
      filter,
      `The deadLetter topic "${deadLetter}" of the subscription to "${filter}" is one of its own topics. Use another name.`,
    );
  }
}

/** @throws BusInputError unless it is a function @internal */
export function checkFunction(topic: string, what: string, value: unknown): void {
  busInput.value(aFunction, what, topic, value);
}

/**
 * Returns a payload as JSON.
 *
 * @param maxBytes the maximum length of the JSON, as UTF-8
 * @throws BusInputError if JSON cannot represent the payload, or if it is too long
 * @internal
 */
export function payloadText(topic: string, payload: unknown, maxBytes: number): string {
  const json = asJson(topic, payload);
  const length = bytesBeyond(json, maxBytes);
  if (length !== undefined) {
    throw new BusInputError(
      topic,
      `The payload for "${topic}" is ${length} bytes long as JSON; the maximum is ${maxBytes} (bus.maxPayloadBytes).`,
    );
  }
  return json;
}

function asJson(topic: string, payload: unknown): string {
  try {
    return jsonText(payload);
  } catch (error) {
    const { what, cause } = error as NotJsonError;
    throw new BusInputError(
      topic,
      `The payload for "${topic}" cannot be represented as JSON: ${what}. Nothing was sent.`,
      { cause },
    );
  }
}
