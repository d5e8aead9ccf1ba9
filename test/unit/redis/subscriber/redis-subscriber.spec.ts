import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AvailabilityObserver } from '../../../../src/redis/connection/redis-availability.js';
import { RedisSubscriber } from '../../../../src/redis/subscriber/redis-subscriber.js';
import { FakeRedisCluster, FakeRedisNode } from '../../../support/fakes/fake-redis-node.js';

/** What a server says of a slot that is another's. */
const MOVED = new Error('MOVED 1 fake:1');

/** Milliseconds: a retry; two beats of the pulse. */
const RETRY = 250;
const BEAT = 5_000;
const TWO_BEATS = 10_001;

/** What a server says to a user without the right. */
const NOPERM = new Error('NOPERM this user has no permissions');

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
let notices: string[];
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
    log: message => void notices.push(message),
  });
  subscriber.onResumed(names => resumed.push(names));
  return subscriber;
}

/** What is due by then has happened, and all that follows from it; reading what has arrived takes a millisecond. */
const pass = (milliseconds: number): Promise<unknown> =>
  vi.advanceTimersByTimeAsync(milliseconds + 1);

beforeEach(() => {
  vi.useFakeTimers();
  availability.isLost = false;
  suspicions = 0;
  warnings = [];
  notices = [];
  heard = [];
  resumed = [];
});
afterEach(async () => {
  await subscriber.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** A server that has refused two subscriptions, and now allows them; it has not answered the request of a beat yet. */
async function allowedLater(): Promise<FakeRedisNode> {
  const client = new FakeRedisNode();
  client.refuses = () => true;
  subscriberOf(client);
  await Promise.all(['ns:a', 'ns:b'].map(name => subscriber.subscribe(name, listener)));
  client.refuses = () => false;
  client.answers = false;
  await pass(BEAT);
  return client;
}

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

  it('warns once where it may not subscribe, however often it tries', async () => {
    const client = new FakeRedisNode();
    client.refuses = () => true;
    expect(await subscriberOf(client).subscribe('news', listener)).toBe(false);
    await pass(3 * BEAT);
    expect(client.asked).toEqual(Array.from({ length: 4 }, () => 'subscribe news'));
    client.close();
    client.ready();
    await pass(0);
    expect(client.asked).toHaveLength(5);
    expect(warnings).toEqual([expect.stringContaining('may not subscribe to "news"')]);
    expect([resumed, notices]).toEqual([[], []]);
  });

  it('subscribes over the same connection when it is allowed later, and says so once', async () => {
    const client = new FakeRedisNode();
    client.refuses = () => true;
    subscriberOf(client);
    const names = ['ns:a', 'ns:b', 'ns:c'];
    await Promise.all(names.map(name => subscriber.subscribe(name, listener)));
    await pass(BEAT);
    // One of them is enough to see whether the pattern is still missing.
    expect(client.asked).toHaveLength(4);
    client.refuses = () => false;
    await pass(BEAT);
    expect(client.asked).toHaveLength(7);
    expect(resumed.map(each => each.toSorted())).toEqual([names]);
    expect(notices).toEqual([expect.stringContaining('may now subscribe to channels "&ns:*"')]);
    client.emit('message', 'ns:a', 'one');
    expect(heard).toEqual(['ns:a one']);
    // A later refusal is another fault.
    client.refuses = () => true;
    client.close();
    client.ready();
    await pass(0);
    expect(warnings).toHaveLength(2);
  });

  it('tells of them again, since other members may have been allowed a little later', async () => {
    const client = new FakeRedisNode();
    client.refuses = () => true;
    await subscriberOf(client).subscribe('ns:a', listener);
    client.refuses = () => false;
    await pass(BEAT);
    expect(resumed).toEqual([['ns:a']]);
    await pass(5 * BEAT);
    expect(resumed).toEqual([['ns:a'], ['ns:a']]);
  });

  it('is told that it hears again only when all refused ones have been asked for', async () => {
    const client = await allowedLater();
    client.questions[2]!.resolve();
    await pass(0);
    expect([client.asked.length, resumed]).toEqual([4, []]);
    client.questions[3]!.resolve();
    await pass(0);
    expect(resumed.map(each => each.toSorted())).toEqual([['ns:a', 'ns:b']]);
  });

  it('does not have allowed ones wait for those that stay refused', async () => {
    const client = new FakeRedisNode();
    client.refuses = () => true;
    subscriberOf(client);
    void subscriber.subscribe('ns:a', listener);
    void subscriber.subscribe('ns~b', listener);
    await subscriber.subscribePattern('ns:x*', listener);
    client.refuses = name => name !== 'ns~b';
    await pass(BEAT);
    expect(resumed).toEqual([['ns~b']]);
    expect(notices).toEqual([expect.stringContaining('"&ns~*"')]);
    expect(warnings).toHaveLength(3);
  });

  it('does not ask for all patterns with each beat if there are many', async () => {
    const client = new FakeRedisNode();
    client.refuses = () => true;
    subscriberOf(client);
    const patterns = Array.from({ length: 100 }, (_, index) => `ns:${index}.*`);
    await Promise.all(patterns.map(name => subscriber.subscribePattern(name, listener)));
    await pass(BEAT);
    expect(client.asked).toHaveLength(120);
  });

  it('asks for no refused one again that is unsubscribed, and warns once of its successor', async () => {
    const client = new FakeRedisNode();
    client.refuses = () => true;
    subscriberOf(client);
    for (let times = 0; times < 3; times++) {
      await subscriber.subscribe('ns:a', listener);
      await subscriber.unsubscribe('ns:a');
    }
    const asked = client.asked.length;
    await pass(TWO_BEATS);
    expect([client.asked.length, warnings.length]).toEqual([asked, 1]);
  });

  it('warns of a later refusal, also if no refused one was left when the right was granted', async () => {
    const client = new FakeRedisNode();
    client.refuses = () => true;
    subscriberOf(client);
    await subscriber.subscribe('ns:a', listener);
    await subscriber.unsubscribe('ns:a');
    client.refuses = () => false;
    await subscriber.subscribe('ns:b', listener);
    client.refuses = () => true;
    client.close();
    client.ready();
    await pass(0);
    expect([warnings.length, notices.length]).toEqual([2, 1]);
  });

  it('asks for nothing again when it is closed while a refused one is asked for', async () => {
    const client = await allowedLater();
    await subscriber.close();
    client.questions[2]!.resolve();
    await pass(0);
    expect([client.asked.length, resumed, client.eventNames()]).toEqual([3, [], []]);
  });

  it('names the pattern that its access control list lacks, once each', async () => {
    const client = new FakeRedisNode();
    client.answers = false;
    subscriberOf(client);
    void subscriber.subscribe('ns:{1}~topic:a', listener);
    void subscriber.subscribe('ns:{2}~topic:b', listener);
    void subscriber.subscribeBroadcast('ns~grants:c', listener);
    void subscriber.subscribePattern('ns:{*}~topic:order.*', listener);
    client.questions.forEach(question => question.reject(NOPERM));
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

  it('asks a node again that has refused, and not the others', async () => {
    const [one, other] = [new FakeRedisNode(), new FakeRedisNode()];
    const cluster = new FakeRedisCluster([one, other]);
    one.refuses = () => true;
    await subscriberOf(cluster).subscribe('{a}news', listener);
    await pass(BEAT);
    expect(one.asked).toHaveLength(2);
    one.refuses = () => false;
    await pass(BEAT);
    expect(resumed).toEqual([['{a}news']]);
    expect(other.asked).toEqual([]);
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
