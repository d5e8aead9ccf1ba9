import { expect } from 'vitest';
import type { Arrival } from '../../fixtures/apps/bus/journal.js';
import { ascending, upTo } from '../../support/numbers.js';
import type { Note } from '../../support/application.js';
import { numbersOf } from '../../support/remote-bus.js';
import { type Example, payloadsOf, publishLast, unsubscribeAll } from './example.js';

export const DELIVERY_EXAMPLES: readonly Example[] = [
  {
    name: 'an event reaches every worker once, including the sender, and names the sender',
    run: async ({ bus, members, key }) => {
      const inboxes = await bus.subscribeAll(key);
      await Promise.all(members.map(sender => sender.publish(key, `by ${sender.pid}`)));
      await publishLast(members, key, inboxes);
      for (const inbox of inboxes) {
        const arrivals = await inbox.arrivals();
        for (const { pid, slot } of members) {
          const [event, ...others] = arrivals.filter(({ payload }) => payload === `by ${pid}`);
          expect(event).toMatchObject({ topic: key, from: { pid, slot, generation: 0 } });
          expect(event!.from.host).toEqual(expect.any(String));
          expect(event).not.toHaveProperty('offset');
          expect(event).not.toHaveProperty('retained');
          expect(others).toEqual([]);
        }
        expect(await inbox.tally()).toMatchObject({ arrived: 2 * members.length, gaps: [] });
      }
      await unsubscribeAll(inboxes);
    },
  },
  {
    name: 'self: false leaves out the sender only',
    run: async ({ bus, members, key }) => {
      const inboxes = await bus.subscribeAll(key);
      await Promise.all(members.map(sender => sender.publish(key, sender.pid, { self: false })));
      await publishLast(members, key, inboxes);
      for (const inbox of inboxes) {
        const others = members.filter(member => member !== inbox.member).map(({ pid }) => pid);
        expect(ascending((await payloadsOf(inbox)) as number[])).toEqual(ascending(others));
      }
      await unsubscribeAll(inboxes);
    },
  },
  {
    name: 'an event arrives that a worker publishes after subscribe() has resolved, but before it reads anything',
    run: async ({ bus: { app }, members, key }) => {
      const [subscriber, sender] = [members[0]!, members.at(-1)!];
      const topic = `${key}.blocked`;
      await sender.block(600, topic);
      const inbox = await subscriber.subscribe(`${key}.*`);
      const resolvedAt = Date.now();
      await sender.publish(topic, 'last');
      await inbox.untilArrivals(arrivals => arrivals.some(({ payload }) => payload === 'last'));
      const notes = (): Note[] => app.noted('unblocked').filter(note => note['topic'] === topic);
      await app.until(() => notes().length > 0);
      const wasBefore = (notes()[0]!['at'] as number) <= resolvedAt;
      expect(wasBefore || (await inbox.payloads()).includes('unblocked')).toBe(true);
      await inbox.unsubscribe();
    },
  },
  {
    name: 'an event that is published after subscribe() has resolved arrives',
    run: async ({ members, key }) => {
      const rounds = 24;
      const expectRound = async (round: number): Promise<void> => {
        const topic = `${key}.${round}.end`;
        const subscriber = members[round % members.length]!;
        const sender = members[(round + 1) % members.length]!;
        const inboxes = await Promise.all(
          [topic, `${topic}*`].map(pattern => subscriber.subscribe(pattern)),
        );
        await sender.publish(topic, round);
        for (const inbox of inboxes) {
          await inbox.until(1);
          expect(await inbox.payloads()).toEqual([round]);
        }
        await unsubscribeAll(inboxes);
      };
      // Each subscriber runs its rounds one after the other, and does not wait for other subscribers.
      await Promise.all(
        upTo(members.length).map(async first => {
          for (let round = first; round < rounds; round += members.length) {
            await expectRound(round);
          }
        }),
      );
    },
  },
  {
    name: 'a pattern receives the events of all matching topics, and each subscription gets an event once',
    run: async ({ members, key }) => {
      const subscriber = members.at(-1)!;
      const patterns: Readonly<Record<string, readonly string[]>> = {
        [`${key}.order.created`]: ['created'],
        [`${key}.order.*`]: ['created', 'removed', 'deep'],
        [`${key}.*`]: ['created', 'removed', 'deep', 'user'],
        [`${key}*created`]: ['created', 'user'],
        [`${key}.*.*ed`]: ['created', 'removed', 'user'],
        '*': ['created', 'removed', 'deep', 'user'],
      };
      const inboxes = await Promise.all(
        Object.keys(patterns).map(pattern => subscriber.subscribe(pattern)),
      );
      const topics = {
        created: `${key}.order.created`,
        removed: `${key}.order.removed`,
        deep: `${key}.order.item.price`,
        user: `${key}.user.created`,
      };
      for (const [name, topic] of Object.entries(topics)) {
        await members[0]!.publish(topic, name);
      }
      // One more event on each topic. Duplicates and unexpected events would have arrived before it.
      for (const topic of Object.values(topics)) {
        await members[0]!.publish(topic, 'again');
      }
      for (const [index, expected] of Object.values(patterns).entries()) {
        // Only the pattern `*` may receive further events.
        const isMine = ({ topic }: Arrival): boolean => topic.startsWith(key);
        const arrivals = await inboxes[index]!.untilArrivals(
          seen => seen.filter(isMine).length >= 2 * expected.length,
        );
        const mine = arrivals.filter(isMine);
        const topicOf = (name: string): string => topics[name as keyof typeof topics];
        for (const name of expected) {
          expect(mine.filter(({ payload }) => payload === name)).toMatchObject([
            { topic: topicOf(name) },
          ]);
        }
        expect(mine.map(({ topic }) => topic).toSorted()).toEqual(
          [...expected, ...expected].map(topicOf).toSorted(),
        );
      }
      await unsubscribeAll(inboxes);
    },
  },
  {
    name: 'thousands of events that are published at once, without awaiting, arrive in the order of their sender',
    run: async ({ bus, members, key }) => {
      const count = 2_000;
      const inboxes = [...(await bus.subscribeAll(key)), ...(await bus.subscribeAll(`${key}*`))];
      const floods = await Promise.all(members.map(member => member.flood(key, { count })));
      for (const flood of floods) {
        expect(await flood.finished()).toEqual({ published: count, failed: [] });
      }
      for (const inbox of inboxes) {
        const arrivals = await inbox.until(count * members.length);
        for (const { pid } of members) {
          expect(numbersOf(arrivals, pid)).toEqual(upTo(count));
        }
        expect(await inbox.tally()).toMatchObject({ arrived: count * members.length, gaps: [] });
      }
      await unsubscribeAll(inboxes);
    },
  },
  {
    name: 'no event arrives after unsubscribe(), and other subscriptions continue',
    run: async ({ bus, members, key }) => {
      const [leaving, ...staying] = [
        ...(await bus.subscribeAll(key)),
        await members[0]!.subscribe(key),
      ];
      await publishLast(members, key, [leaving, ...staying]);
      await leaving.unsubscribe();
      await publishLast(members, key, []);
      await Promise.all(staying.map(inbox => inbox.until(2 * members.length)));
      expect(await leaving.tally()).toMatchObject({ arrived: members.length });
      await unsubscribeAll(staying);
    },
  },
];
