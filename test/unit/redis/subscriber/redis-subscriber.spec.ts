import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AvailabilityObserver } from '../../../../src/redis/connection/redis-availability.js';
import { RedisSubscriber } from '../../../../src/redis/subscriber/redis-subscriber.js';
import { FakeRedisCluster, FakeRedisNode } from '../../../support/fakes/fake-redis-node.js';

/** What a server says of a slot that is another's. */
const MOVED = new Error('MOVED 1 fake:1');

/** Milliseconds: a retry; two beats of the pulse. */
const RETRY = 250;
const TWO_BEATS = 10_001;

const availability = {
  isLost: false,
  lose: () => {},
  observe: (observer: AvailabilityObserver) => {
    availability.lose = () => observer.onUnavailable?.('it is away');
    return () => void (availability.lose = () => {});
  },
};
let suspicions: number;
let warnings: string[];
let heard: string[];
let resumed: (readonly string[])[];
let subscriber: RedisSubscriber;

const listener = (message: string, channel: string): void =>
  void heard.push(`${channel} ${message}`);

function subscriberOf(
  client: FakeRedisNode,
  extra?: FakeRedisNode,
  isOurs = !extra,
): RedisSubscriber {
  subscriber = new RedisSubscriber({
    connection: {
      client: client.node,
      isOurs,
      duplicate: () => extra!.node,
      close: () => Promise.resolve(),
    },
    namespace: 'ns',
    availability,
    suspect: () => void suspicions++,
    warn: message => void warnings.push(message),
  });
  subscriber.onResumed(names => resumed.push(names));
  return subscriber;
}

/** What is due by then has happened, and all that follows from it; reading what has arrived takes a millisecond. */
const pass = (milliseconds: number): Promise<void> =>
  jest.advanceTimersByTimeAsync(milliseconds + 1);

beforeEach(() => {
  jest.useFakeTimers();
  availability.isLost = false;
  suspicions = 0;
  warnings = [];
  heard = [];
  resumed = [];
});
afterEach(async () => {
  await subscriber.close();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe('a subscriber', () => {
  it('waits for the server to confirm', async () => {
    const client = new FakeRedisNode();
    client.answers = false;
    let isMade: boolean | undefined;
    void subscriberOf(client)
      .subscribe('news', listener)
      .then(made => (isMade = made));
    await pass(1_000);
    expect(isMade).toBeUndefined();
    client.questions[0]!.resolve();
    await pass(0);
    expect(isMade).toBe(true);
    expect(resumed).toEqual([]);
  });

  it('is not kept waiting by one that says nothing, and asks again', async () => {
    const client = new FakeRedisNode();
    client.answers = false;
    const made = subscriberOf(client).subscribe('news', listener);
    await pass(2_000);
    expect(await made).toBe(false);
    client.answers = true;
    await pass(RETRY);
    expect(resumed).toEqual([['news']]);
  });

  it('is not kept waiting at all while Redis is known to be away', async () => {
    const client = new FakeRedisNode();
    client.close();
    availability.isLost = true;
    expect(await subscriberOf(client).subscribe('news', listener)).toBe(false);
    client.ready();
    await pass(0);
    expect(resumed).toEqual([['news']]);
  });

  it('is not kept waiting any longer once that is known', async () => {
    const client = new FakeRedisNode();
    client.status = 'connecting';
    const made = subscriberOf(client).subscribe('news', listener);
    availability.lose();
    expect(await made).toBe(false);
    client.ready();
    await pass(0);
    expect(resumed).toEqual([['news']]);
  });

  it('is told that it hears again only when the server has confirmed all', async () => {
    const client = new FakeRedisNode();
    subscriberOf(client);
    await Promise.all(['news', 'weather'].map(name => subscriber.subscribe(name, listener)));
    client.answers = false;
    client.close();
    client.ready();
    await pass(0);
    const [news, weather] = client.questions.slice(2);
    news!.resolve();
    await pass(0);
    expect(resumed).toEqual([]);
    weather!.resolve();
    await pass(0);
    expect(resumed).toEqual([['news', 'weather']]);
  });

  it('does not take the answer of a connection that was lost for that of another', async () => {
    const client = new FakeRedisNode();
    client.answers = false;
    void subscriberOf(client).subscribe('news', listener);
    client.close();
    client.ready();
    client.questions[0]!.resolve();
    await pass(0);
    expect(resumed).toEqual([]);
    client.questions[1]!.resolve();
    await pass(0);
    client.emit('message', 'news', 'one');
    expect(heard).toEqual(['news one']);
  });

  it('warns once where it may not subscribe, and tries again over another connection only', async () => {
    const client = new FakeRedisNode();
    client.answers = false;
    const made = subscriberOf(client).subscribe('news', listener);
    client.questions[0]!.reject(new Error('NOPERM this user has no permissions'));
    expect(await made).toBe(false);
    await pass(TWO_BEATS);
    expect(client.questions).toHaveLength(1);
    client.close();
    client.ready();
    client.questions[1]!.reject(new Error('NOPERM this user has no permissions'));
    await pass(0);
    expect(warnings).toEqual([expect.stringContaining('may not subscribe to "news"')]);
  });

  it('names the pattern that its access control list lacks, once each', async () => {
    const client = new FakeRedisNode();
    client.answers = false;
    subscriberOf(client);
    void subscriber.subscribe('ns:{1}~topic:a', listener);
    void subscriber.subscribe('ns:{2}~topic:b', listener);
    void subscriber.subscribeBroadcast('ns~grants:c', listener);
    void subscriber.subscribePattern('ns:{*}~topic:order.*', listener);
    client.questions.forEach(question => question.reject(new Error('NOPERM no permissions')));
    await pass(0);
    expect(warnings.map(warning => / "(&.*)"$/.exec(warning)?.[1])).toEqual([
      '&ns:*',
      '&ns~*',
      // Patterns are compared as texts.
      '&ns:{*}~topic:order.*',
    ]);
  });

  it('suspects a connection for commands that does not answer any more', async () => {
    const client = new FakeRedisNode();
    await subscriberOf(client).subscribe('news', listener);
    await pass(TWO_BEATS);
    expect(suspicions).toBe(0);
    client.answers = false;
    await pass(TWO_BEATS);
    expect(suspicions).toBe(1);
  });

  it('has one of its own cut, to be made anew', async () => {
    const extra = new FakeRedisNode();
    await subscriberOf(new FakeRedisNode(), extra).subscribe('news', listener);
    extra.answers = false;
    await pass(TWO_BEATS);
    expect([suspicions, extra.cuts]).toEqual([0, [true]]);
  });

  it.each([
    ['without RESP3', { protocol: 2 }],
    ['of ioredis 5, which has RESP2 only', {}],
  ])('leaves a connection %s to the commands', async (_, condition) => {
    const [client, extra] = [new FakeRedisNode(), new FakeRedisNode()];
    client.condition = condition;
    expect(await subscriberOf(client, extra, true).subscribe('news', listener)).toBe(true);
    expect([client.asked, extra.asked]).toEqual([[], ['subscribe news']]);
  });

  it('leaves nothing with a client when it is closed', async () => {
    const client = new FakeRedisNode();
    await subscriberOf(client).subscribe('news', listener);
    await subscriber.close();
    expect(client.eventNames()).toEqual([]);
    expect(await subscriber.subscribe('weather', listener)).toBe(false);
  });

  it('asks for nothing again when it is closed while a server was asked', async () => {
    const client = new FakeRedisNode();
    client.answers = false;
    const isMade = subscriberOf(client).subscribe('news', listener);
    await pass(0);
    await subscriber.close();
    client.questions[0]!.reject(new Error('LOADING'));
    await pass(RETRY);
    expect(await isMade).toBe(false);
    expect(client.asked).toEqual(['subscribe news']);
  });
});

describe('a subscriber of a cluster', () => {
  it('goes to whoever has the slot, once that is known', async () => {
    const [old, next] = [new FakeRedisNode(), new FakeRedisNode()];
    const cluster = new FakeRedisCluster([old, next]);
    old.answers = false;
    const made = subscriberOf(cluster).subscribe('{a}news', listener);
    old.emit('moved');
    old.questions[0]!.reject(MOVED);
    expect(await made).toBe(false);
    expect(cluster.refreshes).toBe(1);
    cluster.slots = cluster.slots.map(() => ['fake:1']);
    await pass(RETRY);
    expect(next.asked).toEqual(['ssubscribe {a}news']);
    expect(resumed).toEqual([['{a}news']]);
    // The refusal was not taken for news of slots.
    expect(old.questions).toHaveLength(1);
  });

  it('asks again when slots have left a node, and hears one at a time', async () => {
    const [old, next] = [new FakeRedisNode(), new FakeRedisNode()];
    const cluster = new FakeRedisCluster([old, next]);
    await subscriberOf(cluster).subscribe('{a}news', listener);
    old.answers = false;
    old.emit('moved');
    await pass(1);
    old.emit('moved');
    old.questions[1]!.reject(MOVED);
    cluster.slots = cluster.slots.map(() => ['fake:1']);
    await pass(RETRY);
    expect(resumed).toEqual([['{a}news']]);
    old.emit('smessage', '{a}news', 'old');
    next.emit('smessage', '{a}news', 'new');
    expect(heard).toEqual(['{a}news new']);
  });

  it('asks elsewhere, and not on and on, where ioredis 5.8 to 5.11 swallows refusals', async () => {
    const [old, next] = [new FakeRedisNode(), new FakeRedisNode()];
    const cluster = new FakeRedisCluster([old, next]);
    old.answers = false;
    const made = subscriberOf(cluster).subscribe('{a}news', listener);
    void subscriber.subscribe('{b}news', listener);
    // It says nothing else of the first; the other one is answered.
    old.emit('moved');
    old.questions[1]!.resolve();
    old.answers = true;
    await pass(1);
    expect(await made).toBe(false);
    expect(old.asked.filter(asked => asked.endsWith('{a}news'))).toHaveLength(1);
    expect(cluster.refreshes).toBeGreaterThan(0);
    cluster.slots = cluster.slots.map(() => ['fake:1']);
    await pass(RETRY);
    expect(next.asked).toContain('ssubscribe {a}news');
    expect(resumed).toContainEqual(['{a}news']);
  });

  it('asks again where ioredis before 5.8 takes the news that a slot has left for a wrong reply', async () => {
    const node = new FakeRedisNode();
    node.on('error', () => {});
    await subscriberOf(new FakeRedisCluster([node])).subscribe('{a}news', listener);
    node.emit('error', new Error('read ECONNRESET'));
    await pass(1);
    expect(node.questions).toHaveLength(1);
    node.emit(
      'error',
      new Error('Command queue state error. […] Last reply: sunsubscribe,{a}news,0'),
    );
    await pass(1);
    expect(node.questions).toHaveLength(2);
    expect(resumed).toEqual([['{a}news']]);
  });

  it('has its node found by the prefix that ioredis gives to sharded channels', async () => {
    const [node, other] = [new FakeRedisNode(), new FakeRedisNode()];
    const cluster = new FakeRedisCluster([node, other]);
    cluster.options = { keyPrefix: 'mine:' };
    await subscriberOf(cluster).subscribe('{a}news', listener);
    expect(node.asked).toEqual(['ssubscribe mine:{a}news']);
    node.emit('smessage', 'mine:{a}news', 'one');
    expect(heard).toEqual(['{a}news one']);
  });

  it('keeps the last sharded channel of a connection that has others, too', async () => {
    const node = new FakeRedisNode();
    subscriberOf(new FakeRedisCluster([node]));
    await subscriber.subscribeBroadcast('grants', listener);
    await Promise.all(['{a}news', '{b}news'].map(name => subscriber.subscribe(name, listener)));
    await Promise.all(['{a}news', '{b}news'].map(name => subscriber.unsubscribe(name)));
    expect(node.asked.slice(3)).toEqual(['sunsubscribe {a}news']);
    node.emit('smessage', '{b}news', 'one');
    expect(heard).toEqual([]);
  });
});
