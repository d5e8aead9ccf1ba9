import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArrivedEvent } from '../../../../../src/bus/subscribe/arrived-event.interface.js';
import { EventHandler } from '../../../../../src/bus/subscribe/event-handler.js';
import { BusWarnings } from '../../../../../src/bus/bus-warnings.js';
import { FaultReport } from '../../../../../src/bus/fault-report.js';
import { GroupConsumer } from '../../../../../src/bus/subscribe/group/group-consumer.js';
import { GroupSubscriber } from '../../../../../src/bus/subscribe/group/group-subscriber.js';
import { PlainEventNotice } from '../../../../../src/bus/subscribe/group/plain-event-notice.js';
import { DurableTopics } from '../../../../../src/bus/publish/durable-topics.js';
import { memoryExecutor } from '../../../../support/memory-channel.js';
import { StateClient } from '../../../../../src/state/client/state-client.js';
import { eventually } from '../../../../support/eventually.js';
import { FakeTransport } from '../../../../support/fakes/fake-transport.js';

const FROM = { member: 'm', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };

/** A transport that knows of the consumers that it is told of. */
class Seats extends FakeTransport {
  readonly taken = new Set<string>();

  override members() {
    const consumers = [...this.taken];
    const infos = [{ ...FROM, answers: [], groups: [], patterns: [], consumers }];
    return Promise.resolve({ infos, strangers: [] });
  }
}

let state: StateClient;
let topics: DurableTopics;
let transport: Seats;
let announced: () => Promise<void>;
let subscribers: GroupSubscriber[];
let handled: number[];
let atWork: number;
let atMost: number;
let warnings: string[];

beforeEach(() => {
  state = new StateClient(memoryExecutor(), 5_000, 0);
  topics = new DurableTopics(state, 5_000, new BusWarnings(message => warnings.push(message)));
  transport = new Seats();
  announced = () => Promise.resolve();
  subscribers = [];
  handled = [];
  atWork = 0;
  atMost = 0;
  warnings = [];
});

afterEach(async () => {
  await Promise.all(subscribers.map(subscriber => subscriber.close()));
  await state.close();
});

async function member(
  handle: (n: number) => void | Promise<void>,
  concurrency = 1,
  filter = 't',
): Promise<GroupSubscriber> {
  const consumer = new GroupConsumer('g', 'm', transport, { confirm: () => announced() });
  transport.taken.add(consumer.name);
  const handler = new EventHandler(
    {
      name: 'a handler',
      handle: async ({ n }: { n: number }) => {
        atMost = Math.max(atMost, ++atWork);
        await handle(n);
        atWork--;
        handled.push(n);
      },
    },
    new FaultReport({ warn: () => {}, error: () => {} }, () => {}),
  );
  const limits = { concurrency, maxQueueBytes: 1e9 };
  const onClosed = (): unknown => transport.taken.delete(consumer.name);
  const notice = new PlainEventNotice(
    { filter, group: 'g' },
    {
      warn: text => warnings.push(text),
    },
  );
  const subscriber = new GroupSubscriber(
    filter,
    handler,
    limits,
    topics,
    consumer,
    onClosed,
    notice,
  );
  subscribers.push(subscriber);
  await subscriber.start();
  return subscriber;
}

/** Appends events, and wakes the members as the transport would. */
async function publish(
  from: number,
  count: number,
  payload: object = {},
  topic = 't',
): Promise<void> {
  for (let n = from; n < from + count; n++) {
    const event = { v: 1, from: FROM, topic, payload: { n, ...payload } };
    const offset = await topics.append(topic, JSON.stringify(event), { length: 10_000 });
    const arrived: ArrivedEvent = { ...event, offset, size: 1 };
    subscribers.forEach(subscriber => subscriber.onEvent(arrived));
  }
}

const all = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const pause = (milliseconds: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, milliseconds));
const untilHandled = (count: number): Promise<void> =>
  eventually(
    () => handled.length >= count,
    5_000,
    () => `Of ${count}, ${handled.length} were handled`,
  );

describe('a group of durable topics', () => {
  it('has each event handled by one member, and tells all that is done', async () => {
    await member(() => pause(Math.random() * 4), 5);
    await member(() => pause(Math.random() * 4), 5);
    await publish(0, 200);
    await untilHandled(200);
    expect(handled.toSorted((a, b) => a - b)).toEqual(all(200));
    await eventually(
      async () => (await topics.members('t', 'g')).length === 0,
      2_000,
      () => 'Something is pending that is done',
    );
  });

  it('warns once of events that are not stored, unless a plain member gets them', async () => {
    const subscriber = await member(() => {});
    const plain: ArrivedEvent = { from: FROM, topic: 't', payload: 1, size: 1 };
    subscriber.onEvent({ ...plain, to: { 'g@t': 'other' } });
    expect(warnings).toEqual([]);
    subscriber.onEvent({ ...plain, to: { 'other@t': 'm' } });
    subscriber.onEvent(plain);
    expect(warnings).toEqual([expect.stringContaining('published without durable: true')]);
  });

  it('takes nothing before the others know of its consumer', async () => {
    await topics.join('t', 'g');
    await publish(0, 3);
    announced = () => Promise.reject(new Error('the backend is away'));
    await expect(member(() => {})).rejects.toThrow('away');
    await publish(3, 1);
    expect(await topics.members('t', 'g')).toEqual([]);
    announced = () => Promise.resolve();
    await subscribers[0]!.start();
    await untilHandled(4);
  });

  it('creates no group if it is closed before the others know of its consumer', async () => {
    let tell!: () => void;
    announced = () => new Promise(resolve => (tell = resolve));
    const started = member(() => {});
    await subscribers[0]!.close();
    tell();
    await started;
    announced = () => Promise.resolve();
    await publish(0, 2);
    await member(() => {});
    await publish(2, 1);
    await untilHandled(1);
    expect(handled).toEqual([2]);
  });

  it('takes until there is nothing left, however little comes at once', async () => {
    await member(() => {}, 10);
    await publish(0, 12, { text: 'x'.repeat(200_000) });
    await untilHandled(12);
    expect(handled.toSorted((a, b) => a - b)).toEqual(all(12));
  });

  it('takes what is published while an answer is under way that has not got it yet', async () => {
    const take = topics.take.bind(topics);
    topics.take = async (...args) => {
      const answer = await take(...args);
      await pause(10);
      return answer;
    };
    await member(() => {});
    for (let n = 0; n < 10; n++) {
      await publish(n, 1);
      await untilHandled(n + 1);
    }
    expect(handled).toEqual(all(10));
  });

  it('begins with what is published from then on', async () => {
    await topics.append('t', JSON.stringify({ v: 1, from: FROM, topic: 't', payload: { n: -1 } }), {
      length: 10,
    });
    await member(() => {});
    await publish(0, 3);
    await untilHandled(3);
    expect(handled).toEqual(all(3));
  });

  it('has no more in hand than it handles at a time, over all topics of a pattern', async () => {
    await topics.append('t.a', '{}', { length: 1 });
    await topics.append('t.b', '{}', { length: 1 });
    await member(() => pause(1), 2, 't.*');
    await Promise.all([publish(0, 20, {}, 't.a'), publish(100, 20, {}, 't.b')]);
    await untilHandled(40);
    expect(atMost).toBe(2);
    expect(handled.filter(n => n < 100)).toHaveLength(20);
  });

  it('gives back what a member has not begun when it leaves, and waits for what it has', async () => {
    const leaving = await member(() => pause(20), 1);
    await publish(0, 5);
    await leaving.close();
    expect(handled).toEqual([0]);
    await member(() => {});
    await untilHandled(5);
    expect(handled).toEqual(all(5));
  });

  it('inherits from the dead, and from nobody else', async () => {
    await member(n => (n === 0 ? new Promise(() => {}) : undefined));
    await publish(0, 1);
    const heir = await member(() => {});
    await publish(1, 3);
    await untilHandled(3);
    expect(handled).toEqual([1, 2, 3]);
    const [dead] = transport.taken;
    transport.taken.delete(dead!);
    subscribers.shift();
    heir.onMemberLeft();
    await untilHandled(4);
    expect(handled).toEqual([1, 2, 3, 0]);
  });

  it('does nothing twice when it is told of the dead again and again', async () => {
    const busy = await member(() => pause(2), 3);
    await publish(0, 60);
    for (let times = 0; times < 40; times++) {
      busy.onMemberLeft();
      await pause(1);
    }
    await untilHandled(60);
    expect(handled.toSorted((a, b) => a - b)).toEqual(all(60));
  });
});
