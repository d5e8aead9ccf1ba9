import { describe, expect, it } from '@jest/globals';
import {
  checkSubscription,
  checkTopic,
  payloadText,
  SUBSCRIBE_RULES,
} from '../../../src/bus/bus.validation.js';

const CALLS: Readonly<Record<string, [call: () => unknown, message: string]>> = {
  'a pattern in place of a topic': [
    () => checkTopic('order.*'),
    '"order.*" is a pattern, which only subscriptions accept. Give the name of a single topic, without "*".',
  ],
  'group together with retain': [
    () => checkSubscription('flags', { group: 'mail', retain: true }, SUBSCRIBE_RULES),
    'The subscription to "flags" has both group and retain. Remove one of them: retain sends the last event to every subscriber, and group sends each event to one member.',
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
