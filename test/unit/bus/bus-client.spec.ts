import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BusClient } from '../../../src/bus/bus-client.js';
import type { Channel } from '../../../src/bus/bus-transport.interface.js';
import type { MemberInfo, MemberList } from '../../../src/bus/membership/bus-member.interface.js';
import { ConsumerOffsets } from '../../../src/bus/subscribe/durable/consumer-offsets.js';
import { StateClient } from '../../../src/state/client/state-client.js';
import { monotonicNow } from '../../../src/system/time/monotonic-now.js';
import { settle } from '../../support/fakes/fake-clock.js';
import { FakeTransport } from '../../support/fakes/fake-transport.js';
import { memoryExecutor } from '../../support/memory-channel.js';

const SELF = { member: 'me', host: 'h', slot: 0, generation: 0, id: 1, pid: 2 };
const OTHER = { ...SELF, member: 'other', id: 2 };
const TIMEOUT = 1_000;

const info = (member: string, facts: Partial<MemberInfo> = {}): MemberInfo => ({
  ...SELF,
  answers: [],
  groups: [],
  consumers: [],
  patterns: [],
  ...facts,
  member,
});

/** A transport that has everything at once, and notes what it was told. */
class Transport extends FakeTransport {
  whyUnusable: string | undefined;
  infos: MemberInfo[] = [];
  asked = 0;
  isClosed = false;
  readonly subscribed: Channel[] = [];
  readonly announced: MemberInfo[] = [];
  readonly relayed: string[] = [];
  readonly forgotten: string[] = [];

  override publish(channel: Channel, text: string): Promise<void> {
    this.published.push({ channel, text });
    return Promise.resolve();
  }

  override subscribe(channel?: Channel): Promise<void> {
    this.subscribed.push(channel!);
    return Promise.resolve();
  }

  override announce(told?: MemberInfo): Promise<void> {
    this.announced.push(told!);
    return Promise.resolve();
  }

  override members(): Promise<MemberList> {
    this.asked++;
    return Promise.resolve({ infos: this.infos, strangers: [] });
  }

  override relay(topic?: string, text?: string): void {
    this.relayed.push(`${topic} ${text}`);
  }

  override forgetMember(member?: string): void {
    this.forgotten.push(member!);
  }

  override close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  /** What was published on a channel, read. */
  on(channel: Channel): unknown[] {
    return this.published
      .filter(each => each.channel === channel)
      .map(({ text }) => JSON.parse(text) as unknown);
  }
}

let transport: Transport;
let executor: ReturnType<typeof memoryExecutor>;
let state: StateClient;
let warnings: string[];
let closed: number;
let client: BusClient;

beforeEach(() => {
  transport = new Transport();
  executor = memoryExecutor();
  state = new StateClient(executor, TIMEOUT, 0);
  warnings = [];
  closed = 0;
  client = new BusClient({
    self: SELF,
    transport,
    state,
    offsets: new ConsumerOffsets({ keep: () => Promise.resolve() }, {}),
    options: { timeout: TIMEOUT, maxPayloadBytes: 1_000, maxQueueBytes: 1_000_000 },
    logger: { warn: message => void warnings.push(String(message)), error: () => {} },
    onFault: () => {},
    onClosed: () => closed++,
  });
});

afterEach(async () => {
  await client.close();
  await state.close();
});

/** What others say arrives. */
const says = (channel: Channel, text: object): void =>
  transport.observer!.onText(channel, JSON.stringify({ v: 1, ...text }));

async function hear(filter: string, gaps: unknown[] = []): Promise<unknown[]> {
  const heard: unknown[] = [];
  await client.subscribe(
    filter,
    {
      name: 'a handler',
      handle: (payload: unknown) => void heard.push(payload),
      onGap: gap => void gaps.push(gap),
    },
    { concurrency: 1 },
  );
  return heard;
}

const event = (first: number, payload: unknown, member = OTHER): object => ({
  from: member,
  topic: 't',
  run: 1,
  first,
  events: [{ payload }],
});

/** The ids of the requests that were sent on the topic "price". */
const askedOf = (sent: Transport): string[] =>
  (sent.on('ask:price') as { requests: { question: string }[] }[]).flatMap(({ requests }) =>
    requests.map(({ question }) => question),
  );

describe('a bus client', () => {
  it('hears what is said to it, and to all, before it takes part', async () => {
    await client.join();
    expect(transport.subscribed).toEqual(['to:me', 'all:heads']);
    expect(transport.asked).toBe(1);
  });

  it('publishes an event for one of each group, and not for itself where it says so', async () => {
    for (const name of ['me', 'other']) {
      const told = info(name, { groups: [{ filter: 't', group: 'g' }] });
      transport.observer!.onMember({ told });
    }
    await client.publish('t', '1', {}, false);
    await client.publish('t', '2', {}, false);
    const events = transport.on('topic:t').flatMap(each => (each as { events: unknown[] }).events);
    expect(events).toEqual(
      [1, 2].map(payload => ({ payload, self: false, to: { 'g@t': 'other' } })),
    );
  });

  it('appends to a durable topic, and has the event relayed under its offset', async () => {
    await client.publish('t', '1', { durable: { maxLength: 5 } });
    expect(transport.published).toEqual([]);
    expect(transport.relayed).toEqual([
      expect.stringMatching(/^t \{"kept":"\d+-1","event":\{.*"payload":1\}\}$/),
    ]);
  });

  it.each(['mapSet', 'append'])(
    'gives the reason why a durable topic is refused: %s',
    async name => {
      vi.spyOn(executor, 'execute').mockImplementation(({ operations }) =>
        Promise.resolve({
          type: 'applied',
          results: operations.map(each =>
            each.name === name ? { failed: 'backend', found: 'NOPERM' } : true,
          ),
        }),
      );
      await expect(client.publish('t', '1', { durable: true })).rejects.toMatchObject({
        code: 'CLUSTER_BUS_UNAVAILABLE',
        mayHaveArrived: false,
        message: 'The event on "t" was not published: the backend reported "NOPERM".',
      });
    },
  );

  it('fails at once when the backend has been away for as long as a call may last', async () => {
    transport.unavailableSince = monotonicNow();
    const published = client.publish('t', '1', {});
    transport.unavailableSince = undefined;
    transport.observer!.onAvailable();
    await published;
    transport.unavailableSince = monotonicNow() - TIMEOUT - 1;
    await expect(client.publish('t', '1', {})).rejects.toMatchObject({
      code: 'CLUSTER_BUS_UNAVAILABLE',
    });
    await expect(client.ask('t', '1', 100)).rejects.toMatchObject({
      code: 'CLUSTER_BUS_UNAVAILABLE',
    });
    expect(transport.published).toHaveLength(1);
  });

  it('fails with the reason when the backend must not be used, or it is closed', async () => {
    transport.whyUnusable = 'it evicts keys';
    await expect(client.publish('t', '1', {})).rejects.toThrow('it evicts keys');
    transport.whyUnusable = undefined;
    await client.close();
    await expect(client.publish('t', '1', {})).rejects.toThrow('the application has closed');
    expect([transport.isClosed, closed]).toEqual([true, 1]);
  });

  it('says that a group was not deleted if the members are unknown', async () => {
    vi.spyOn(transport, 'members').mockRejectedValue(new Error('the backend is unreachable'));
    await expect(client.deleteGroup('t', 'g')).rejects.toMatchObject({
      code: 'CLUSTER_STATE_UNAVAILABLE',
      message: '"deleteGroup" of "t" was not applied: the backend is unreachable.',
    });
    transport.whyUnusable = 'it evicts keys';
    await expect(client.deleteGroup('t', 'g')).rejects.toThrow('it evicts keys');
  });

  it('does not wait for the members for longer than a call may take', async () => {
    vi.spyOn(transport, 'members').mockReturnValue(new Promise(() => {}));
    await expect(client.deleteGroup('t', 'g')).rejects.toThrow('did not answer in time');
  });

  it('gives subscribers what arrives, and tells them what is missing', async () => {
    const gaps: unknown[] = [];
    const heard = await hear('t', gaps);
    says('topic:t', event(1, 'one'));
    says('topic:t', event(4, 'four'));
    await settle();
    expect(heard).toEqual(['one', 'four']);
    expect(gaps).toEqual([{ topic: 't', missed: 2, reason: 'connection' }]);
    expect(client.vitals).toMatchObject({ gaps: 1, missed: 2 });
  });

  it('hears from others how far they have got', async () => {
    const gaps: unknown[] = [];
    await hear('t', gaps);
    says('topic:t', event(1, 'one'));
    const heads = [{ topic: 't', run: 1, last: 3, age: 5 }];
    says('to:me', { headsOf: OTHER, heads });
    says('all:heads', { headsOf: OTHER, heads });
    await settle();
    expect(gaps).toEqual([{ topic: 't', missed: 2, reason: 'connection' }]);
  });

  it('tells others how far it has got, if it has published what they ask for', async () => {
    await client.publish('t', '1', {});
    says('all:heads', { asks: 'other', filters: ['t'] });
    says('all:heads', { asks: 'third', filters: ['u'] });
    expect(transport.on('to:other')).toMatchObject([{ heads: [{ topic: 't', last: 1 }] }]);
    expect(transport.on('to:third')).toEqual([]);
  });

  it('waits until every publisher relays to its pattern, where the backend does not', async () => {
    transport.relaysToPatterns = true;
    await client.join();
    ['a', 'b', 'gone'].forEach(name => transport.observer!.onMember({ told: info(name) }));
    let isReady = false;
    const ready = hear('x.*').finally(() => (isReady = true));
    await delay(300);
    says('to:me', { relaysTo: ['x.*'], publisher: 'a' });
    says('to:me', { relaysTo: ['y.*'], publisher: 'b' });
    transport.observer!.onMember({ left: ['gone'] });
    await settle();
    expect(isReady).toBe(false);
    says('to:me', { relaysTo: ['y.*', 'x.*'], publisher: 'b' });
    await ready;
  });

  it('confirms the patterns that it relays to, where the backend does not', async () => {
    const told = info('other', { patterns: ['x.*'] });
    transport.observer!.onMember({ told });
    expect(transport.on('to:other')).toEqual([]);
    transport.relaysToPatterns = true;
    transport.observer!.onMember({ told: { ...told, patterns: ['x.*', 'y.*'] } });
    expect(transport.on('to:other')).toEqual([{ v: 1, relaysTo: ['x.*', 'y.*'], publisher: 'me' }]);
  });

  it('survives what it cannot read, and says so', async () => {
    const heard = await hear('t');
    transport.observer!.onText('topic:t', '{');
    transport.observer!.onText('to:me', '{"v":1,"answers":7}');
    says('topic:t', event(1, 'one'));
    await settle();
    expect(heard).toEqual(['one']);
    expect(warnings.length).toBeGreaterThan(0);
  });

  it('asks who is there and how far they have got, after an interruption', async () => {
    await client.join();
    transport.observer!.onResumed(['topic:t', 'to:me']);
    expect(transport.asked).toBe(2);
    expect(transport.on('all:heads')).toMatchObject([{ asks: 'me', filters: ['t'] }]);
  });

  it('takes a mark without a stream for an interruption of the channel', async () => {
    await client.join();
    transport.observer!.onSkipped('topic:t', { stream: '*', topic: 't', last: 0 });
    expect(transport.on('all:heads')).toMatchObject([{ asks: 'me', filters: ['t'] }]);
  });

  it('tells of what it was too slow for', async () => {
    const gaps: unknown[] = [];
    await hear('t', gaps);
    says('topic:t', event(1, 'one'));
    transport.observer!.onSkipped('topic:t', { stream: 'other.1.t', topic: 't', last: 3 });
    await settle();
    expect(gaps).toEqual([{ topic: 't', missed: 2, reason: 'slow' }]);
  });

  it('waits for no answer of a member that is gone', async () => {
    transport.infos = [info('other', { answers: ['price'] })];
    await client.join();
    const asked = client.ask('price', '1', 60_000);
    await settle();
    expect(transport.on('ask:price')).toHaveLength(1);
    transport.observer!.onMember({ left: ['other'] });
    expect(await asked).toMatchObject({ replies: [], missing: [{ reason: 'gone' }] });
  });

  it('gives the answers of others to who has asked', async () => {
    transport.infos = [info('other', { answers: ['price'] })];
    await client.join();
    const asked = client.ask('price', '1', 60_000);
    await settle();
    const [question] = askedOf(transport);
    says('to:me', { from: OTHER, replies: [{ answers: question, value: 5 }] });
    expect(await asked).toMatchObject({ replies: [{ value: 5 }], missing: [] });
  });

  it('sends the requests of one turn together, with one list of members for all of them', async () => {
    transport.infos = [info('other', { answers: ['price'] })];
    await client.join();
    const before = transport.asked;
    const count = 1_000;
    const asked = Promise.all(
      Array.from({ length: count }, (_, n) => client.ask('price', String(n), 60_000)),
    );
    await settle();
    const questions = askedOf(transport);
    expect(questions).toHaveLength(count);
    expect(transport.on('ask:price').length).toBeLessThanOrEqual(3);
    expect(transport.asked - before).toBe(transport.on('ask:price').length);
    says('to:me', {
      from: OTHER,
      replies: questions.map((answers, value) => ({ answers, value })),
    });
    const results = await asked;
    expect(results.map(({ replies }) => replies.map(({ value }) => value))).toEqual(
      Array.from({ length: count }, (_, n) => [n]),
    );
  });

  it('sends the answers to requests of one message together', async () => {
    await client.answer('price', { name: 'an answer', answer: (n: number) => n + 1 });
    const requests = Array.from({ length: 400 }, (_, n) => ({ question: `q${n}`, payload: n }));
    says('ask:price', { from: OTHER, topic: 'price', requests });
    await settle();
    const sent = transport.on('to:other') as { replies: { answers: string; value: number }[] }[];
    expect(sent.length).toBeLessThanOrEqual(2);
    expect(sent.flatMap(({ replies }) => replies)).toEqual(
      requests.map(({ question, payload }) => ({ answers: question, value: payload + 1 })),
    );
  });

  it('takes over no more work when it drains', async () => {
    await client.answer('price', { name: 'an answer', handle: () => 1 } as never);
    await settle();
    expect(transport.announced.at(-1)).toMatchObject({ answers: ['price'] });
    client.drain();
    await settle();
    expect(transport.announced.at(-1)).toMatchObject({ answers: [], groups: [] });
  });

  it('has a member of this host forgotten', () => {
    client.forgetMember('dead');
    expect(transport.forgotten).toEqual(['dead']);
  });
});
