import { describe, expect, it } from 'vitest';
import {
  checkSubscription,
  checkTopic,
  payloadText,
  SUBSCRIBE_RULES,
} from '../../../src/bus/bus.validation.js';
import type { SubscribeOptions } from '../../../src/bus/subscribe/subscription-options.interface.js';

const check = (filter: string, options: SubscribeOptions): void =>
  checkSubscription(filter, options, options, SUBSCRIBE_RULES);

const CALLS: Readonly<Record<string, [call: () => unknown, message: string]>> = {
  'a pattern in place of a topic': [
    () => checkTopic('order.*'),
    '"order.*" is a pattern, which only subscriptions accept. Give the name of a single topic, without "*".',
  ],
  'group together with retain': [
    () => check('flags', { group: 'mail', retain: true }),
    'The subscription to "flags" has both group and retain. Remove one of them: retain sends the last event to every subscriber, and group sends each event to one member.',
  ],
  'retries without a durable topic': [
    () => check('order.paid', { group: 'mail', retries: 3 }),
    'The subscription to "order.paid" has retries, but no durable. Events are handled again only in groups of durable topics: set group and durable, or remove retries.',
  ],
  'a deadLetter topic without a group': [
    () => check('order.paid', { durable: true, deadLetter: 'dead' }),
    'The subscription to "order.paid" has deadLetter, but no group. Events are handled again only in groups of durable topics: set group and durable, or remove deadLetter.',
  ],
  'a deadLetter topic that the subscription matches': [
    () => check('order.*', { group: 'mail', durable: true, deadLetter: 'order.dead' }),
    'The deadLetter topic "order.dead" of the subscription to "order.*" is one of its own topics. Use another name.',
  ],
  'a payload that is too long': [
    () => payloadText('order.paid', 'ééé', 7),
    'The payload for "order.paid" is 8 bytes long as JSON; the maximum is 7 (bus.maxPayloadBytes).',
  ],
  'a payload that JSON cannot represent': [
    () => payloadText('order.paid', { seats: new Map() }, 1_000),
    'The payload for "order.paid" cannot be represented as JSON: a Map at "seats". Nothing was sent.',
  ],
};

describe('the validation of arguments of the bus', () => {
  it.each(Object.keys(CALLS))('names the problem and the remedy: %s', name => {
    const [call, message] = CALLS[name]!;
    expect(call).toThrow(expect.objectContaining({ code: 'CLUSTER_BUS_INPUT', message }));
  });
});
