import { expect } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { ascending, upTo } from '../../support/numbers.js';
import { numbersOf, type RemoteInbox } from '../../support/remote-bus.js';
import { type Example, unsubscribeAll } from './example.js';

const COUNT = 300;

/** Resolves with the numbers of all events in all inboxes, once at least `count` have arrived. */
async function handledBy(inboxes: readonly RemoteInbox[], count: number): Promise<number[]> {
  let total = 0;
  await eventually(
    async () => {
      const tallies = await Promise.all(inboxes.map(inbox => inbox.tally()));
      total = tallies.reduce((sum, { arrived }) => sum + arrived, 0);
      return total >= count;
    },
    20_000,
    () => `${total} of ${count}\n${inboxes[0]?.member.app.output}`,
  );
  return (await Promise.all(inboxes.map(inbox => inbox.arrivals()))).flatMap(arrivals =>
    numbersOf(arrivals),
  );
}

/** A group that becomes durable in a rolling deploy. */
const MIXED: readonly Example[] = [false, true].map(durable => ({
  name: `a group of which one member is durable handles each event once (durable: ${durable})`,
  run: async ({ bus, members, key }) => {
    const group = 'billing';
    const old = await members[0]!.subscribe(key, { group });
    const fresh = await members.at(-1)!.subscribe(key, { group, durable: true });
    const [handler, other] = durable ? [fresh, old] : [old, fresh];
    let published = 0;
    /** Publishes events in each worker. Returns how many of them the other member has handled, too. */
    const publish = async (): Promise<number> => {
      const before = (await other.tally()).arrived;
      for (const publisher of members) {
        const options = { count: 10, first: published, publish: { durable } };
        await (await publisher.flood(key, options)).finished();
        published += options.count;
      }
      expect(ascending(await handledBy([handler], published))).toEqual(upTo(published));
      return (await other.tally()).arrived - before;
    };
    // Publishers know the durable member soon after it has subscribed.
    await eventually(
      async () => (await publish()) === 0,
      20_000,
      () => 'Both members handle the events',
    );
    expect(bus.app.output).not.toContain('published without durable');
    await unsubscribeAll([old, fresh]);
  },
}));

const EACH_KIND: readonly Example[] = (['plain', 'durable'] as const).flatMap((kind): Example[] => {
  const durable = kind === 'durable';
  return [
    {
      name: `each ${kind} event reaches one member of each group, and all subscribers without a group`,
      run: async ({ bus, members, key }) => {
        const options = { durable };
        const billing = await bus.subscribeAll(key, { ...options, group: 'billing' });
        const mailing = await bus.subscribeAll(key, { ...options, group: 'mailing' });
        const all = await bus.subscribeAll(key, options);
        const flood = await members[0]!.flood(key, { count: COUNT, publish: { durable } });
        expect((await flood.finished()).failed).toEqual([]);
        for (const group of [billing, mailing]) {
          expect(ascending(await handledBy(group, COUNT))).toEqual(upTo(COUNT));
        }
        for (const inbox of all) {
          expect(numbersOf(await inbox.until(COUNT))).toEqual(upTo(COUNT));
        }
        await unsubscribeAll([...billing, ...mailing, ...all]);
      },
    },
    {
      name: `the ${kind} events of a group are distributed over its members`,
      run: async ({ bus, members, key }) => {
        const group = await bus.subscribeAll(key, { durable, group: 'billing' });
        const flood = await members[0]!.flood(key, {
          count: COUNT,
          perSecond: 500,
          publish: { durable },
        });
        await flood.finished();
        expect(ascending(await handledBy(group, COUNT))).toEqual(upTo(COUNT));
        for (const inbox of group) {
          expect((await inbox.tally()).arrived).toBeGreaterThan(0);
        }
        await unsubscribeAll(group);
      },
    },
    {
      name: `a member that leaves its group leaves the ${kind} events to the others`,
      run: async ({ bus, members, key }) => {
        const options = { durable, group: 'billing' };
        const group = await bus.subscribeAll(key, options);
        const staying = await members.at(-1)!.subscribe(key, options);
        const publish = { durable };
        const before = await members[0]!.flood(key, { count: COUNT, publish });
        await before.finished();
        await handledBy([...group, staying], COUNT);
        await unsubscribeAll(group);
        const after = await members[0]!.flood(key, { count: COUNT, first: COUNT, publish });
        await after.finished();
        const handled = await handledBy([...group, staying], 2 * COUNT);
        expect(ascending(handled)).toEqual(upTo(2 * COUNT));
        const late = numbersOf(await staying.arrivals()).filter(n => n >= COUNT);
        expect(ascending(late)).toEqual(upTo(COUNT).map(n => n + COUNT));
        await staying.unsubscribe();
      },
    },
  ];
});

export const GROUP_EXAMPLES: readonly Example[] = [...EACH_KIND, ...MIXED];
