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
  text,
  trueOrFalse,
  whole,
} from '../validation/rules.js';
import { isPattern } from './topic-filter.js';

const MAX_TOPIC_BYTES = 512;

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

const subscription = {
  group: text('a string of 1 to 128 characters', value =>
    /^[^\p{Cc}\p{Surrogate}]{1,128}$/u.test(value),
  ),
  concurrency: whole(1, 1e6),
  ...retention,
};

/** Options of `defineTopic()`. @internal */
export const TOPIC_RULES = retention;

/** Options of `ClusterBus.publish()`. @internal */
export const PUBLISH_RULES = { self: trueOrFalse, ...retention };

/** Options of `ClusterBus.subscribe()`. @internal */
export const SUBSCRIBE_RULES = { ...subscription, onGap: aFunction };

/** Options of `@OnClusterEvent()`. @internal */
export const ON_EVENT_RULES = {
  ...subscription,
  onGap: text('the name of a method of the same class', value => value !== ''),
};

/** Options of `ClusterBus.ask()`. @internal */
export const ASK_RULES = { timeout: milliseconds(1, MAX_TIMER) };

const topicName = name(
  MAX_TOPIC_BYTES,
  'a string of at least one character, or made by defineTopic()',
  {
    pattern: /\p{Surrogate}|\p{Cc}/u,
    expected: 'well-formed Unicode without control characters',
  },
);

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

/** Checks the options of a call. @throws BusInputError for an unknown option or an invalid value @internal */
export function checkOptions(topic: string, options: unknown, rules: RuleTable): void {
  busInput.options(rules, '', topic, options);
}

/** Checks the options of a subscription. @throws BusInputError for an unknown option or an invalid value @internal */
export function checkSubscription(
  filter: string,
  options: { readonly group?: unknown; readonly retain?: unknown },
  rules: RuleTable,
): void {
  checkOptions(filter, options, rules);
  if (options.group !== undefined && options.retain) {
    throw new BusInputError(
      filter,
      `The subscription to "${filter}" has both group and retain. Remove one of them: retain sends the last event to every subscriber, and group sends each event to one member.`,
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
