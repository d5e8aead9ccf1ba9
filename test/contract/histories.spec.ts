import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { BEGINNING, parseOffset } from '../../src/state/offset.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import {
  HISTORY_BACKENDS,
  type HistoryBackend,
  type HistoryServer,
  redisBackend,
} from '../support/history-backends.js';
import { RedisServer } from '../support/redis/redis-server.js';
import type { TopicHistory } from '../support/topic-history.js';

type Entries = readonly (readonly [offset: string, event: string])[];

const eventsOf = ({ entries }: { readonly entries: Entries }): string[] =>
  entries.map(([, event]) => event);

const offsetsOf = ({ entries }: { readonly entries: Entries }): string[] =>
  entries.map(([offset]) => offset);

const numbersOf = (offsets: readonly string[]): number[] =>
  offsets.map(offset => parseOffset(offset).n);

/** 1, 2, 3, … */
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

const appendAll = (history: TopicHistory, count: number, keep = 1_000): Promise<string[]> =>
  Promise.all(upTo(count).map(n => history.append(String(n), { keep })));

describe.each(Object.keys(HISTORY_BACKENDS))('histories in %s', name => {
  let backend: HistoryBackend;
  let server: HistoryServer | undefined;
  let a: TopicHistory;
  let b: TopicHistory;

  beforeAll(async () => {
    ({ backend, server } = await HISTORY_BACKENDS[name]!());
  });

  afterAll(() => backend.stop());

  beforeEach(async () => {
    const topic = randomUUID();
    [a, b] = [await backend.history(topic), await backend.history(topic)];
  });

  it('are empty at first', async () => {
    expect(await a.newest()).toBeNull();
    expect(await a.after(BEGINNING)).toEqual({ entries: [], last: BEGINNING, follows: false });
  });

  it('are described with their groups, and deleted', async () => {
    expect(await a.facts()).toBeNull();
    expect(await a.delete()).toBe(false);
    await a.append('"before"');
    await a.join();
    const offsets = await appendAll(a, 3);
    await a.take('m', 2);
    await a.done(offsets[0]!);
    expect(await b.facts()).toEqual({
      length: 4,
      last: offsets.at(-1),
      groups: [[a.group, 1, 1]],
    });
    expect(await a.deleteGroup()).toBe(true);
    expect(await a.deleteGroup()).toBe(false);
    expect(await b.facts()).toMatchObject({ length: 4, groups: [] });
    await a.join();
    expect(await a.delete()).toBe(true);
    expect(await b.facts()).toBeNull();
    expect(await b.deleteGroup()).toBe(false);
    expect(await b.newest()).toBeNull();
    expect(parseOffset(await b.append('"anew"')).n).toBe(1);
  });

  it('keep about as many bytes as allowed, and always the last event', async () => {
    const MAX_BYTES = 100_000;
    const event = JSON.stringify('x'.repeat(1_000));
    await Promise.all(upTo(400).map(() => a.append(event, { maxBytes: MAX_BYTES })));
    const { entries, last } = await b.after(BEGINNING);
    expect(entries.length).toBeGreaterThan(40);
    expect(entries.length).toBeLessThan(130);
    expect(entries.at(-1)![0]).toBe(last);
    expect(parseOffset(last).n).toBe(400);
    const large = JSON.stringify('y'.repeat(200_000));
    await a.append(large, { maxBytes: MAX_BYTES });
    expect(eventsOf(await b.after(BEGINNING))).toEqual([large]);
  });

  it('store events at consecutive offsets, in the order of each sender', async () => {
    const others = [b, await backend.history(a.key), await backend.history(a.key)];
    const senders = [a, ...others];
    const sent = await Promise.all(
      senders.map((sender, index) =>
        Promise.all(upTo(250).map(n => sender.append(JSON.stringify([index, n])))),
      ),
    );
    const { entries, last } = await a.after(BEGINNING);
    expect(numbersOf(offsetsOf({ entries }))).toEqual(upTo(1_000));
    expect(last).toBe(entries.at(-1)?.[0]);
    expect(await b.newest()).toEqual(entries.at(-1));
    for (const [index, offsets] of sent.entries()) {
      const own = entries.filter(([, event]) => (JSON.parse(event) as number[])[0] === index);
      expect(own).toEqual(offsets.map((at, n) => [at, JSON.stringify([index, n + 1])]));
    }
    expect(parseOffset(last).epoch).toBeLessThanOrEqual(Date.now());
    expect(parseOffset(last).epoch).toBeGreaterThan(Date.now() - 60_000);
  });

  it('can be read from any offset, with a limit on the number of events', async () => {
    const offsets = await appendAll(a, 40);
    const first = await b.after(BEGINNING, 25);
    expect(first.last).toBe(offsets.at(-1));
    expect(offsetsOf(first)).toEqual(offsets.slice(0, 25));
    const rest = await b.after(offsets[24]!, 25);
    expect(offsetsOf(rest)).toEqual(offsets.slice(25));
    expect(await b.after(rest.last)).toEqual({ entries: [], last: rest.last, follows: true });
  });

  it('are read in parts of limited size, with complete events', async () => {
    const large = JSON.stringify('ä'.repeat(150 * 1024));
    const larger = JSON.stringify('x'.repeat(600 * 1024));
    for (const event of [larger, ...upTo(20).map(() => '1'), large, large]) {
      await a.append(event);
    }
    const read: number[] = [];
    let at = BEGINNING;
    for (;;) {
      const { entries } = await b.after(at);
      if (entries.length === 0) {
        break;
      }
      read.push(entries.length);
      at = entries.at(-1)![0];
    }
    expect(read[0]).toBe(1);
    expect(read.reduce((sum, count) => sum + count, 0)).toBe(23);
    await a.join();
    await a.append(larger);
    await a.append('1');
    expect(eventsOf(await a.take('member'))).toEqual([larger]);
    expect(eventsOf(await a.take('member'))).toEqual(['1']);
    expect(eventsOf(await a.takeAgain('member'))).toEqual([larger]);
  });

  it('keep the configured number of events', async () => {
    const offsets = await appendAll(a, 120, 7);
    expect(offsetsOf(await b.after(BEGINNING))).toEqual(offsets.slice(-7));
    await a.append('last', { keep: 1 });
    expect(eventsOf(await b.after(BEGINNING))).toEqual(['last']);
  });

  it('keep no event that is too old, except the last', async () => {
    await appendAll(a, 5);
    await delay(60);
    const recent = await a.append('"recent"', { maxAge: 50 });
    expect(offsetsOf(await b.after(BEGINNING))).toEqual([recent]);
    await delay(60);
    expect(await b.newest()).toEqual([recent, '"recent"']);
    expect(numbersOf([recent])).toEqual([6]);
  });

  it('give each event to one member of a group', async () => {
    expect([await a.join(), await b.join()]).toEqual([true, false]);
    const offsets = await appendAll(a, 100);
    const taken = await Promise.all(
      upTo(40).map(n => (n % 2 ? a : b).take(n % 2 ? 'one' : 'other', 5)),
    );
    expect(taken.flatMap(offsetsOf).toSorted(byNumber)).toEqual(offsets);
    expect(taken.every(({ missed }) => missed === 0)).toBe(true);
    expect(await a.take('one')).toEqual({ entries: [], missed: 0 });
  });

  it('give a group all events since it began, also those published while it had no member', async () => {
    await a.append('"before"');
    await a.join();
    await appendAll(b, 3);
    await a.leave('nobody');
    expect(await a.join()).toBe(false);
    expect(eventsOf(await a.take('late', 2))).toEqual(['1', '2']);
    expect(eventsOf(await a.take('later', 2))).toEqual(['3']);
  });

  it('give a member the same events again until it has confirmed them', async () => {
    await a.join();
    const offsets = await appendAll(a, 30);
    const taken = await a.take('member', 20);
    expect(await a.takeAgain('member')).toEqual(taken);
    expect(await a.takeAgain('another')).toEqual({ entries: [], missed: 0 });
    expect(await a.done(...offsets.slice(0, 18))).toBe(18);
    expect(await a.done(offsets[0]!)).toBe(0);
    expect(offsetsOf(await a.takeAgain('member'))).toEqual(offsets.slice(18, 20));
    expect(offsetsOf(await a.takeAgain('member', 1))).toEqual(offsets.slice(18, 19));
    expect(offsetsOf(await a.take('member'))).toEqual(offsets.slice(20));
  });

  it('give the events of a dead member to a successor', async () => {
    await a.join();
    const offsets = await appendAll(a, 250);
    const [first] = offsetsOf(await a.take('dead', 110));
    await a.take('mortal', 110);
    await a.take('alive', 10);
    await a.take('heir', 10);
    await a.done(first!);
    expect((await b.members()).toSorted()).toEqual(['alive', 'dead', 'heir', 'mortal']);
    expect(await b.inherit('heir', 'dead', 'mortal')).toEqual({ inherited: 219, missed: 0 });
    expect(await b.inherit('heir', 'dead', 'mortal')).toEqual({ inherited: 0, missed: 0 });
    expect((await b.members()).toSorted()).toEqual(['alive', 'heir']);
    const inherited = offsetsOf(await b.takeAgain('heir'));
    expect(inherited).toEqual([...offsets.slice(1, 220), ...offsets.slice(230, 240)]);
    expect(await b.takeAgain('dead')).toEqual({ entries: [], missed: 0 });
    expect(offsetsOf(await b.takeAgain('alive'))).toEqual(offsets.slice(220, 230));
    // The member is alive after all. An event that it confirms is not handled again.
    expect(await a.done(offsets[1]!)).toBe(1);
  });

  it('remove a member, and leave its unconfirmed events to others', async () => {
    await a.join();
    const [offset] = await appendAll(a, 1);
    await a.take('idle');
    expect(await a.leave('idle')).toBe(false);
    expect(await a.inherit('heir', 'idle')).toEqual({ inherited: 1, missed: 0 });
    expect(await a.leave('idle')).toBe(true);
    expect(await a.leave('heir')).toBe(false);
    await a.done(offset!);
    expect(await a.leave('heir')).toBe(true);
  });

  it('tell a group how many events it has missed, once for each gap', async () => {
    await a.join();
    await appendAll(a, 10, 4);
    const taken = await a.take('member', 2);
    expect([numbersOf(offsetsOf(taken)), taken.missed]).toEqual([[7, 8], 6]);
    await appendAll(a, 9, 4);
    const next = await a.take('member', 1);
    expect([numbersOf(offsetsOf(next)), next.missed]).toEqual([[16], 7]);
    // Events 7 and 8 were delivered before, and are requested again.
    const again = await a.takeAgain('member');
    expect([numbersOf(offsetsOf(again)), again.missed]).toEqual([[16], 2]);
    expect(await a.takeAgain('member')).toEqual({ ...again, missed: 0 });
    await a.take('dead', 2);
    await appendAll(a, 2, 4);
    expect(await a.inherit('heir', 'dead')).toEqual({ inherited: 1, missed: 1 });
    expect(numbersOf(offsetsOf(await a.takeAgain('heir')))).toEqual([18]);
    expect(await a.takeAgain('member')).toEqual({ entries: [], missed: 1 });
  });

  it('create a missing group, with all stored events', async () => {
    await appendAll(a, 5, 3);
    const taken = await a.take('member');
    expect([eventsOf(taken), taken.missed]).toEqual([['3', '4', '5'], 2]);
    expect(await a.join()).toBe(false);
  });

  const itInRedis = name === 'the memory' ? it.skip : it;

  itInRedis('begin anew, at greater offsets, once they were lost', async () => {
    await a.join();
    await appendAll(a, 5);
    const old = await a.take('member', 3);
    await (await server!.of(server!.keys.of('history', a.key))).command('FLUSHALL');
    await delay(5);
    expect(await a.after(offsetsOf(old)[0]!)).toEqual({
      entries: [],
      last: BEGINNING,
      follows: false,
    });
    const [first] = await appendAll(b, 2);
    expect(parseOffset(first!)).toEqual({ epoch: expect.any(Number), n: 1 });
    expect(parseOffset(first!).epoch).toBeGreaterThan(parseOffset(offsetsOf(old)[0]!).epoch);
    expect(eventsOf(await a.after(offsetsOf(old)[2]!))).toEqual(['1', '2']);
    expect(await a.done(...offsetsOf(old))).toBe(0);
    const taken = await a.take('member');
    expect([eventsOf(taken), taken.missed]).toEqual([['1', '2'], 0]);
  });

  itInRedis('never use an offset again that another server may have used', async () => {
    await a.join();
    const [first] = await appendAll(a, 1);
    const key = server!.keys.of('history', a.key);
    const { epoch } = parseOffset(first!);
    const added = ['at', 1, 'event', '"2"', 'on', 'another server'];
    await (await server!.of(key)).command('XADD', key, `${epoch}-2`, ...added);
    const [third, fourth] = await appendAll(b, 2);
    expect(numbersOf([third!, fourth!])).toEqual([3, 4]);
    expect(parseOffset(third!).epoch).toBeGreaterThan(epoch);
    expect(parseOffset(fourth!).epoch).toBe(parseOffset(third!).epoch);
    expect(await a.after(`${epoch}-2`)).toMatchObject({ follows: true, entries: { length: 2 } });
    expect(await a.after(`${epoch}-3`)).toMatchObject({ follows: false, entries: { length: 2 } });
    const taken = await a.take('member');
    expect([offsetsOf(taken).length, taken.missed]).toEqual([4, 0]);
    expect(await a.facts()).toMatchObject({ length: 4, last: fourth, groups: [[a.group, 4, 0]] });
  });

  itInRedis('go on where they were, when somebody has deleted the events', async () => {
    const [first] = await appendAll(a, 1);
    const key = server!.keys.of('history', a.key);
    await (await server!.of(key)).command('XTRIM', key, 'MAXLEN', 0);
    expect(numbersOf([first!, await a.append('2')])).toEqual([1, 2]);
  });

  itInRedis('tell of each event in the channel of the topic', async () => {
    const { keys, subscribing } = server!;
    const channel = keys.topicChannel(a.key);
    const listener = new Redis((await server!.of(channel)).port);
    const heard: string[] = [];
    listener.on(subscribing === 'subscribe' ? 'message' : 'smessage', (_, text) =>
      heard.push(text),
    );
    await listener[subscribing](channel);
    const offsets = [await a.append('{"tickets":[1]}'), await b.append('null')];
    await eventually(
      () => heard.length === 2,
      5_000,
      () => `Heard: ${heard.join()}`,
    );
    listener.disconnect();
    expect(heard.map(text => JSON.parse(text) as unknown)).toEqual([
      { kept: offsets[0], event: { tickets: [1] } },
      { kept: offsets[1], event: null },
    ]);
  });
});

function byNumber(one: string, other: string): number {
  return parseOffset(one).n - parseOffset(other).n;
}

describe('histories in a Redis server', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => RedisServer.stopAll());

  describe('behind a network that loses replies', () => {
    let proxy: FaultProxy;
    let backend: HistoryBackend;
    let history: TopicHistory;

    beforeEach(async () => {
      proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.port });
      backend = redisBackend(proxy.url, randomUUID());
      history = await backend.history('topic');
      await history.join();
      await history.append('0');
      await history.take('warm-up');
    });

    afterEach(async () => {
      await backend.stop();
      await FaultProxy.stopAll();
    });

    it('store an event once that was appended once', async () => {
      proxy.loseNextReply({ containing: 'append' });
      const offset = await history.append('"once"');
      expect(proxy.struck).toBe(1);
      expect((await history.after(BEGINNING)).entries.slice(1)).toEqual([[offset, '"once"']]);
    });

    it('store the events of a sender in its order', async () => {
      for (let loss = 0; loss < 3; loss++) {
        proxy.loseNextReply({ containing: 'append' });
      }
      await appendAll(history, 700);
      expect(proxy.struck).toBe(3);
      expect(eventsOf(await history.after(BEGINNING))).toEqual([0, ...upTo(700)].map(String));
    });

    it('give a member the same events as before', async () => {
      const offsets = await appendAll(history, 5);
      proxy.loseNextReply({ containing: 'groupTake' });
      expect(offsetsOf(await history.take('member', 3))).toEqual(offsets.slice(0, 3));
      expect(proxy.struck).toBe(1);
      expect(offsetsOf(await history.take('member', 3))).toEqual(offsets.slice(3));
    });
  });

  it('store no event that could not be published, and skip no offset', async () => {
    await server.command('ACL', 'SETUSER', 'mute', 'on', '>secret', '~*', '+@all', 'resetchannels');
    const namespace = randomUUID();
    const { port } = server;
    const mute = redisBackend({ port, username: 'mute', password: 'secret' }, namespace);
    const loud = redisBackend({ port }, namespace);
    const [silent, history] = [await mute.history('topic'), await loud.history('topic')];
    for (const event of ['"a"', '"b"']) {
      await expect(silent.append(event)).rejects.toThrow(/backend: .*channel/i);
      expect(eventsOf(await history.after(BEGINNING))).not.toContain(event);
      await history.append('1');
    }
    const numbers = numbersOf(offsetsOf(await history.after(BEGINNING)));
    expect(numbers).toEqual((await givesNumbersAgain(server)) ? [1, 2] : [2, 4]);
    await Promise.all([mute.stop(), loud.stop()]);
  });
});

/** Whether the id of a deleted entry of a stream can be used again. Only Redis 7 allows this. */
async function givesNumbersAgain(server: RedisServer): Promise<boolean> {
  await server.command('XADD', 'probe', '1-1', 'a', 'b');
  await server.command('XADD', 'probe', '1-2', 'a', 'b');
  await server.command('XDEL', 'probe', '1-2');
  return server.command('XSETID', 'probe', '1-1').then(
    () => true,
    () => false,
  );
}
