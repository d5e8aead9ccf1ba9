import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BusWarnings } from '../../../../../src/bus/bus-warnings.js';
import type { ArrivedEvent } from '../../../../../src/bus/subscribe/arrived-event.interface.js';
import { EventHandler } from '../../../../../src/bus/subscribe/event-handler.js';
import { FaultReport } from '../../../../../src/bus/fault-report.js';
import { DurableSubscriber } from '../../../../../src/bus/subscribe/durable/durable-subscriber.js';
import { DurableTopics } from '../../../../../src/bus/publish/durable-topics.js';
import { ConsumerOffsets } from '../../../../../src/bus/subscribe/durable/consumer-offsets.js';
import { memoryExecutor } from '../../../../support/memory-channel.js';
import { StateClient } from '../../../../../src/state/client/state-client.js';
import { eventually } from '../../../../support/eventually.js';

const FROM = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };

/** A backend that may be away. */
class Topics extends DurableTopics {
  isAway = false;

  override async newest(topic: string): ReturnType<DurableTopics['newest']> {
    if (this.isAway) {
      throw new Error('away');
    }
    return super.newest(topic);
  }

  override async topicsOf(filter: string): Promise<string[]> {
    if (this.isAway) {
      throw new Error('away');
    }
    return super.topicsOf(filter);
  }
}

let state: StateClient;

beforeEach(() => {
  state = new StateClient(memoryExecutor(), 5_000, 0);
});
afterEach(() => state.close());

it.each(['t', 't*'])(
  'a worker that could not begin with %s at first goes on where its predecessor was',
  async filter => {
    const topics = new Topics(state, 5_000, new BusWarnings(() => {}));
    const places: string[] = [];
    for (const n of [1, 2, 3, 4]) {
      const event = JSON.stringify({ v: 1, topic: 't', from: FROM, payload: n });
      places.push(await topics.append('t', event, { length: 100 }));
    }
    const offsets = new ConsumerOffsets({ keep: () => Promise.resolve() }, { t: places[1]! });
    const handled: unknown[] = [];
    const subscriber = new DurableSubscriber(
      filter,
      new EventHandler(
        { name: 'a handler', handle: (n: number) => handled.push(n) },
        new FaultReport({ warn: () => {}, error: () => {} }, () => {}),
      ),
      { concurrency: 1, maxQueueBytes: 1e9 },
      topics,
      { durable: true, retain: false },
      offsets,
      'm',
    );
    topics.isAway = true;
    await expect(subscriber.start()).rejects.toThrow('away');
    // The application begins without waiting for a backend.
    offsets.begun();
    topics.isAway = false;
    await subscriber.start();
    await eventually(
      () => handled.length === 2,
      2_000,
      () => `Handled: ${handled.join(', ')}`,
    );
    expect(handled).toEqual([3, 4]);
    await subscriber.close();
  },
);

it('a worker without a predecessor begins with the newest event, whatever the topic is called', async () => {
  const topics = new Topics(state, 5_000, new BusWarnings(() => {}));
  const append = (payload: number): Promise<string> =>
    topics.append(
      'constructor',
      JSON.stringify({ v: 1, topic: 'constructor', from: FROM, payload }),
      {
        length: 100,
      },
    );
  await append(1);
  const handled: unknown[] = [];
  const subscriber = new DurableSubscriber(
    'constructor',
    new EventHandler(
      { name: 'a handler', handle: (n: number) => handled.push(n) },
      new FaultReport({ warn: () => {}, error: () => {} }, () => {}),
    ),
    { concurrency: 1, maxQueueBytes: 1e9 },
    topics,
    { durable: true, retain: false },
    new ConsumerOffsets({ keep: () => Promise.resolve() }, {}),
    'm',
  );
  await subscriber.start();
  await append(2);
  subscriber.onResumed();
  await eventually(
    () => handled.length === 1,
    2_000,
    () => `Handled: ${handled.join(', ')}`,
  );
  expect(handled).toEqual([2]);
  await subscriber.close();
});

describe('a subscriber to a pattern', () => {
  let topics: Topics;
  let handled: unknown[];
  let subscriber: DurableSubscriber;

  beforeEach(async () => {
    topics = new Topics(state, 5_000, new BusWarnings(() => {}));
    handled = [];
    subscriber = new DurableSubscriber(
      'new.*',
      new EventHandler(
        { name: 'a handler', handle: (n: unknown) => handled.push(n) },
        new FaultReport({ warn: () => {}, error: () => {} }, () => {}),
      ),
      { concurrency: 1, maxQueueBytes: 1e9 },
      topics,
      { durable: true, retain: true },
      new ConsumerOffsets({ keep: () => Promise.resolve() }, {}),
      'm',
    );
    await subscriber.start();
  });
  afterEach(() => subscriber.close());

  const append = async (topic: string, payload: number): Promise<ArrivedEvent> => {
    const event = { v: 1, topic, from: FROM, payload };
    const offset = await topics.append(topic, JSON.stringify(event), { length: 100 });
    return { ...event, offset, size: 1 };
  };
  const hasHandled = (...expected: number[]): Promise<void> =>
    eventually(
      () => handled.length >= expected.length,
      5_000,
      () => `Handled: ${handled.join(', ')}`,
    ).then(() => expect(handled).toEqual(expected));

  it('misses nothing of a topic that begins while the backend does not answer', async () => {
    const [first, second] = [await append('new.1', 1), await append('new.1', 2)];
    topics.isAway = true;
    subscriber.onEvent(first);
    await hasHandled(1);
    topics.isAway = false;
    subscriber.onEvent(second);
    await hasHandled(1, 2);
  });

  it('reads all of a topic that began while nothing arrived, though it could not yet look for it', async () => {
    await append('new.2', 1);
    await append('new.2', 2);
    topics.isAway = true;
    subscriber.onResumed();
    subscriber.onEvent(await append('new.2', 3));
    await hasHandled(1, 2, 3);
  });

  it('looks again for topics that began while nothing arrived', async () => {
    await append('new.3', 1);
    topics.isAway = true;
    subscriber.onResumed();
    await new Promise(resolve => setImmediate(resolve));
    topics.isAway = false;
    await hasHandled(1);
  });
});
