import { beforeEach, describe, expect, it } from 'vitest';
import { flushResponses, stopReceiving } from '../../../../src/drain/messages/stop-receiving.js';

let calls: unknown[][];

beforeEach(() => {
  calls = [];
});

function note(name: string): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    calls.push([name, ...args]);
  };
}

/** What Nest's transports have, by the name of the protocol. TCP, Redis, NATS and gRPC are tested with real servers. */
const transports: Readonly<Record<string, () => object>> = {
  redis: () => ({ subClient: { status: 'ready', unsubscribe: note('unsubscribe') } }),
  'redis with wildcards': () => ({
    options: { wildcards: true },
    subClient: { status: 'ready', punsubscribe: note('punsubscribe') },
  }),
  kafka: () => ({ consumer: { stop: note('stop') } }),
  rabbitmq: () => ({
    channel: { _channel: { consumers: new Map([['tag', {}]]), cancel: note('cancel') } },
  }),
  mqtt: () => ({
    mqttClient: {
      connected: true,
      unsubscribe: (topics: string[], done: () => void) => {
        calls.push(['unsubscribe', ...topics]);
        done();
      },
    },
    getHandlers: () => new Map([['topic', {}]]),
  }),
  nats: () => ({ natsClient: {}, subscriptions: [{ drain: note('drain') }] }),
};

describe('a transport that stops receiving', () => {
  it.each([
    ['redis', [['unsubscribe']]],
    ['redis with wildcards', [['punsubscribe']]],
    ['kafka', [['stop']]],
    ['rabbitmq', [['cancel', 'tag']]],
    ['mqtt', [['unsubscribe', 'topic']]],
    ['nats', [['drain']]],
  ])('tells its broker or its clients (%s)', async (name, expected) => {
    await stopReceiving(transports[name]!());
    expect(calls).toEqual(expected);
  });

  it.each([
    ['is a custom one', {}],
    ['does not listen yet', { consumer: null, channel: null, natsClient: null }],
    ['has no connection', { subClient: { status: 'reconnecting', unsubscribe: note('no') } }],
    ['closes its channel', { channel: { _channel: undefined } }],
    ['has lost MQTT', { mqttClient: { connected: false, unsubscribe: note('no') } }],
  ])('does nothing if it %s', async (_, transport) => {
    await stopReceiving(transport);
    await flushResponses(transport);
    expect(calls).toEqual([]);
  });
});
