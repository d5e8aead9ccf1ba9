import { expect } from 'vitest';
import { ascending, upTo } from '../../support/numbers.js';
import { numbersOf, type RemoteInbox, type RemoteMember } from '../../support/remote-bus.js';
import { type Example, unsubscribeAll } from './example.js';

const RETAIN = { retain: true };
const RELIABLE = { durable: true };

/** Expects the last value, marked as retained, and then all following events up to number `end`. */
async function expectLastAndFollowing(inbox: RemoteInbox, end: number): Promise<void> {
  await inbox.untilTally(({ arrived }) => arrived > 0);
  const [first] = numbersOf(await inbox.arrivals());
  const arrivals = await inbox.until(end - first! + 1);
  expect(numbersOf(arrivals)).toEqual(upTo(end - first! + 1).map(n => first! + n));
  expect(arrivals.map(({ retained }) => retained)).toEqual([
    true,
    ...arrivals.slice(1).map(() => undefined),
  ]);
}

async function publishNumbers(
  sender: RemoteMember,
  topic: string,
  numbers: readonly number[],
  publish: object,
): Promise<void> {
  for (const n of numbers) {
    await sender.publish(topic, { n, by: sender.pid }, publish);
  }
}

export const KEPT_EXAMPLES: readonly Example[] = [
  {
    name: 'a late subscriber gets the retained event first, and then those that follow',
    run: async ({ bus, members, key }) => {
      await publishNumbers(members[0]!, key, [0, 1, 2], RETAIN);
      const inboxes = await bus.subscribeAll(key, RETAIN);
      await publishNumbers(members.at(-1)!, key, [3, 4], RETAIN);
      for (const inbox of inboxes) {
        const arrivals = await inbox.until(3);
        expect(numbersOf(arrivals)).toEqual([2, 3, 4]);
        expect(arrivals.map(({ retained }) => retained)).toEqual([true, undefined, undefined]);
        expect(arrivals[0]).toMatchObject({ topic: key, from: { pid: members[0]!.pid } });
        expect(arrivals[0]!.offset).toEqual(expect.any(String));
      }
      await unsubscribeAll(inboxes);
    },
  },
  {
    name: 'a subscriber that begins while events are in flight gets the last one and all that follow, each once',
    run: async ({ bus, members, key }) => {
      await members[0]!.publish(key, { n: 0 }, RETAIN);
      // The flood runs until it is stopped, so that each subscription begins during it, however long a pattern takes.
      const flood = await members[0]!.flood(key, { first: 1, perSecond: 600, publish: RETAIN });
      const inboxes: RemoteInbox[] = [];
      for (const _ of upTo(4)) {
        inboxes.push(...(await bus.subscribeAll(key, RETAIN)));
        inboxes.push(await members.at(-1)!.subscribe(`${key}*`, RETAIN));
        await inboxes.at(-1)!.until(50);
      }
      const { published, failed } = await flood.stop();
      expect(failed).toEqual([]);
      for (const inbox of inboxes) {
        await expectLastAndFollowing(inbox, published);
        expect((await inbox.tally()).gaps).toEqual([]);
      }
      await unsubscribeAll(inboxes);
    },
  },
  {
    name: 'a late subscriber with a pattern gets the last event of each topic',
    run: async ({ bus, members, key }) => {
      const topics = upTo(5).map(index => `${key}.${index}`);
      for (const topic of topics) {
        await publishNumbers(members[0]!, topic, [0, 1], RETAIN);
      }
      const inboxes = await bus.subscribeAll(`${key}.*`, RETAIN);
      for (const topic of topics) {
        await publishNumbers(members[0]!, topic, [2], RETAIN);
      }
      for (const inbox of inboxes) {
        const arrivals = await inbox.until(2 * topics.length);
        expect(arrivals).toHaveLength(2 * topics.length);
        for (const topic of topics) {
          const ofTopic = arrivals.filter(arrival => arrival.topic === topic);
          expect(numbersOf(ofTopic)).toEqual([1, 2]);
          expect(ofTopic.map(({ retained }) => retained)).toEqual([true, undefined]);
        }
      }
      await unsubscribeAll(inboxes);
    },
  },
  {
    name: 'a topic without a retained event begins with the next event',
    run: async ({ members, key }) => {
      const inbox = await members[0]!.subscribe(key, RETAIN);
      await members.at(-1)!.publish(key, { n: 0 }, RETAIN);
      const arrivals = await inbox.until(1);
      expect(arrivals).toHaveLength(1);
      expect(arrivals[0]).not.toHaveProperty('retained');
      await inbox.unsubscribe();
    },
  },
  {
    name: 'durable events arrive at all subscribers, once and in order, with increasing offsets',
    run: async ({ bus, members, key }) => {
      const count = 1_000;
      const inboxes = [
        ...(await bus.subscribeAll(key, RELIABLE)),
        ...(await bus.subscribeAll(key, RELIABLE)),
      ];
      const floods = await Promise.all(
        members.map(member => member.flood(key, { count, publish: RELIABLE })),
      );
      for (const flood of floods) {
        expect(await flood.finished()).toEqual({ published: count, failed: [] });
      }
      const orders = new Set<string>();
      for (const inbox of inboxes) {
        const arrivals = await inbox.until(count * members.length);
        expect(arrivals).toHaveLength(count * members.length);
        for (const { pid } of members) {
          expect(numbersOf(arrivals, pid)).toEqual(upTo(count));
        }
        const offsets = arrivals.map(({ offset }) => offset!);
        expect(new Set(offsets).size).toBe(offsets.length);
        orders.add(offsets.join());
        expect((await inbox.tally()).gaps).toEqual([]);
      }
      // All subscribers receive the events of all senders in the same order.
      expect(orders.size).toBe(1);
      await unsubscribeAll(inboxes);
    },
  },
  {
    name: 'self: false also leaves out the sender of a durable event',
    run: async ({ bus, members, key }) => {
      const inboxes = await bus.subscribeAll(key, RELIABLE);
      for (const sender of members) {
        await sender.publish(key, { n: sender.slot }, { ...RELIABLE, self: false });
      }
      await members[0]!.publish(key, { n: -1 }, RELIABLE);
      for (const inbox of inboxes) {
        const others = members.map(({ slot }) => slot).filter(slot => slot !== inbox.member.slot);
        await inbox.until(others.length + 1);
        expect(ascending(numbersOf(await inbox.arrivals()))).toEqual([-1, ...others]);
      }
      await unsubscribeAll(inboxes);
    },
  },
  {
    name: 'a group without members gets the events that were published meanwhile, in order',
    run: async ({ members, key }) => {
      const options = { ...RELIABLE, group: 'billing' };
      const [first, last] = [members[0]!, members.at(-1)!];
      const before = await first.subscribe(key, options);
      await publishNumbers(last, key, [0], RELIABLE);
      await before.until(1);
      await before.unsubscribe();
      await publishNumbers(last, key, [1, 2, 3], RELIABLE);
      const after = await last.subscribe(key, options);
      await after.until(3);
      await publishNumbers(first, key, [4], RELIABLE);
      expect(numbersOf(await after.until(4))).toEqual([1, 2, 3, 4]);
      await after.unsubscribe();
    },
  },
  {
    name: 'a subscriber that is slower than the retention is told how many events were trimmed',
    run: async ({ members, key }) => {
      const keep = { durable: { maxLength: 10 } };
      const inbox = await members[0]!.subscribe(key, { ...keep, hold: true });
      await members.at(-1)!.publish(key, { n: 0 }, keep);
      await inbox.until(1);
      // 60 events of 1 MB are far more than any queue on the way holds: 16 MB by default.
      const count = 60;
      for (const n of upTo(count - 1)) {
        await members
          .at(-1)!
          .flood(key, { count: 1, first: n + 1, padding: 900_000, publish: keep })
          .then(flood => flood.finished());
      }
      await inbox.release();
      const { arrived, missed, gaps } = await inbox.untilTally(
        tally => tally.arrived + tally.missed >= count,
      );
      expect(arrived + missed).toBe(count);
      expect(missed).toBeGreaterThan(0);
      expect(new Set(gaps.map(({ reason }) => reason))).toEqual(new Set(['trimmed']));
      const numbers = numbersOf(await inbox.arrivals());
      expect(numbers).toEqual(ascending(numbers));
      expect(numbers.at(-1)).toBe(count - 1);
      await inbox.unsubscribe();
    },
  },
];
