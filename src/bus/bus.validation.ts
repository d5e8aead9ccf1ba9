import { BusInputError } from '../model/errors/bus-input.error.js';
import { bytesBeyond, jsonText, type NotJsonError } from '../system/text/json-text.js';
import { asBytes } from './payload/bus-payload-size.js';
import { MAX_DURATION, MAX_TIMER } from '../state/max-duration.js';
import { asText, quoted, shown } from '../system/text/shown.js';
import type { TopicOptions } from './publish/topic-options.interface.js';
import { isPattern } from './topic-filter.js';

const MAX_TOPIC_BYTES = 512;

/** @throws BusInputError unless it can be the name of a topic @internal */
export function checkTopic(name: unknown): asserts name is string {
  checkFilter(name);
  if (isPattern(name)) {
    throw new BusInputError(
      name,
      `"${name}" is a pattern: one subscribes to it, but publishes and asks on one topic.`,
    );
  }
}

/** @throws BusInputError unless it can be the name of a topic, or a pattern @internal */
export function checkFilter(filter: unknown): asserts filter is string {
  if (typeof filter !== 'string' || filter === '') {
    throw new BusInputError(
      asText(filter),
      `A topic is a text of at least one character, or made by defineTopic(); not ${shown(filter)}.`,
    );
  }
  const bytes = bytesBeyond(filter, MAX_TOPIC_BYTES);
  if (bytes !== undefined) {
    throw new BusInputError(
      filter,
      `The name of a topic has at most ${MAX_TOPIC_BYTES} bytes; "${filter.slice(0, 40)}…" has ${bytes}.`,
    );
  }
  // Half of a character becomes another one on its way: two names would become one.
  if (/\p{Surrogate}|\p{Cc}/u.test(filter)) {
    throw new BusInputError(
      filter,
      `The name of a topic is well-formed Unicode without control characters; ${shown(filter)} is not.`,
    );
  }
}

/** @throws BusInputError for an option that does not exist @internal */
export function checkOptions(topic: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new BusInputError(
      topic,
      `The options for "${topic}" are an object with any of ${known.join(', ')}, not ${shown(options)}.`,
    );
  }
  const unknown = Object.keys(options).find(name => !known.includes(name));
  if (unknown !== undefined) {
    throw new BusInputError(
      topic,
      `There is no option ${quoted(unknown)} for "${topic}". There is ${known.join(', ')}.`,
    );
  }
}

/** @throws BusInputError unless they say how much is kept @internal */
export function checkRetention(topic: string, options: TopicOptions): void {
  checkOptions(topic, options, ['durable', 'retain']);
  checkKind(topic, options);
}

/** @throws BusInputError unless what they say of keeping makes sense @internal */
export function checkKind(topic: string, { durable, retain }: TopicOptions): void {
  checkBoolean(topic, 'retain', retain);
  if (durable === undefined || typeof durable === 'boolean') {
    return;
  }
  checkOptions(topic, durable, ['maxLength', 'maxAge', 'maxBytes']);
  const { maxLength = 1, maxAge = 1, maxBytes = 1 } = durable;
  if (asBytes(maxBytes) === undefined) {
    throw new BusInputError(
      topic,
      `durable.maxBytes of "${topic}" takes a whole number of bytes, or a text such as '16mb', not ${shown(maxBytes)}.`,
    );
  }
  checkWhole(topic, 'durable.maxLength', maxLength, 1, 1e9);
  checkWhole(topic, 'durable.maxAge', maxAge, 1, MAX_DURATION, ' of milliseconds');
}

/** @throws BusInputError unless what a subscription wants makes sense @internal */
export function checkSubscription(
  filter: string,
  {
    group,
    concurrency = 1,
    onGap,
    ...kind
  }: TopicOptions & {
    readonly group?: unknown;
    readonly concurrency?: unknown;
    readonly onGap?: unknown;
  },
): void {
  checkKind(filter, kind);
  checkWhole(filter, 'concurrency', concurrency, 1, 1e6);
  if (
    group !== undefined &&
    (typeof group !== 'string' || !/^[^\p{Cc}\p{Surrogate}]{1,128}$/u.test(group))
  ) {
    throw new BusInputError(
      filter,
      `group of "${filter}" takes a text of 1 to 128 characters, not ${shown(group)}.`,
    );
  }
  if (group !== undefined && kind.retain) {
    throw new BusInputError(
      filter,
      `"${filter}" has both group and retain: a last value is for everybody, and not for one of a group.`,
    );
  }
  if (onGap !== undefined) {
    checkFunction(filter, 'onGap', onGap);
  }
}

/** @throws BusInputError unless it is a whole number of milliseconds that a timer takes @internal */
export function checkTimeout(topic: string, value: unknown): void {
  checkWhole(topic, 'timeout', value, 1, MAX_TIMER, ' of milliseconds');
}

/**
 * @param what as in "The handler"
 * @throws BusInputError unless it is a function
 * @internal
 */
export function checkFunction(topic: string, what: string, value: unknown): void {
  if (typeof value !== 'function') {
    throw new BusInputError(topic, `${what} of "${topic}" is a function, not ${shown(value)}.`);
  }
}

/** @throws BusInputError unless it is `true`, `false` or left out @internal */
export function checkBoolean(topic: string, what: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new BusInputError(
      topic,
      `${what} of "${topic}" takes true or false, not ${shown(value)}.`,
    );
  }
}

/** @throws BusInputError unless it is a whole number within the bounds @internal */
export function checkWhole(
  topic: string,
  what: string,
  value: unknown,
  min: number,
  max: number,
  unit = '',
): void {
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    throw new BusInputError(
      topic,
      `${what} of "${topic}" takes a whole number${unit} from ${min} to ${max}, not ${shown(value)}.`,
    );
  }
}

/**
 * A payload as JSON.
 *
 * @param maxBytes how long the text may be, as UTF-8
 * @throws BusInputError for what JSON cannot carry, or is too long
 * @internal
 */
export function payloadText(topic: string, payload: unknown, maxBytes: number): string {
  const text = carried(topic, payload);
  const bytes = bytesBeyond(text, maxBytes);
  if (bytes !== undefined) {
    throw new BusInputError(
      topic,
      `The payload for "${topic}" has ${bytes} bytes as JSON; ${maxBytes} are allowed (bus.maxPayloadBytes).`,
    );
  }
  return text;
}

function carried(topic: string, payload: unknown): string {
  try {
    return jsonText(payload);
  } catch (error) {
    const { what, cause } = error as NotJsonError;
    throw new BusInputError(
      topic,
      `JSON cannot carry the payload for "${topic}": ${what}. Nothing was published.`,
      { cause },
    );
  }
}
