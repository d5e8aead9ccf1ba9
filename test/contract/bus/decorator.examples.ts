import { expect } from 'vitest';
import type { RemoteBus } from '../../support/remote-bus.js';
import type { Example } from './example.js';

interface Handled {
  readonly handler: string;
  readonly slot: number;
  readonly topic: string;
  readonly from: number;
}

/** Resolves with the records of all handlers for this payload, once there are at least `count` of them. */
async function handled(bus: RemoteBus, payload: string, count: number): Promise<Handled[]> {
  const find = () => bus.app.noted('handled').filter(note => note['payload'] === payload);
  await bus.app.until(() => find().length >= count);
  return find() as unknown as Handled[];
}

const CREATED = [
  'EventController.created true',
  'Provider.any',
  'Provider.both',
  'Provider.created true',
];

export const DECORATOR_EXAMPLES: readonly Example[] = [
  {
    name: 'methods of providers and controllers get the events that their decorators name',
    run: async ({ bus, members, key }) => {
      const [first, last] = [members[0]!, members.at(-1)!];
      await first.publish('decorated.created', `${key} created`);
      await last.publish('decorated.removed', `${key} removed`);
      // One handler of the first topic is in a group, so it runs in one worker only.
      const created = await handled(bus, `${key} created`, 4 * members.length + 1);
      const removed = await handled(bus, `${key} removed`, 2 * members.length);
      for (const { slot } of members) {
        const namesIn = (notes: readonly Handled[]) =>
          notes
            .filter(note => note.slot === slot && note.handler !== 'Provider.one')
            .map(({ handler }) => handler)
            .toSorted();
        expect(namesIn(created)).toEqual(CREATED);
        expect(namesIn(removed)).toEqual(['Provider.any', 'Provider.both']);
      }
      expect(created.filter(({ handler }) => handler === 'Provider.one')).toHaveLength(1);
      expect(created[0]).toMatchObject({ topic: 'decorated.created', from: first.slot });
      expect(removed[0]).toMatchObject({ topic: 'decorated.removed', from: last.slot });
    },
  },
  {
    name: 'request-scoped classes are instantiated for each event, with their dependencies',
    run: async ({ bus, members, key }) => {
      await members[0]!.publish('scoped', `${key} one`);
      await members[0]!.publish('scoped', `${key} two`);
      const notes = [
        ...(await handled(bus, `${key} one`, 2 * members.length)),
        ...(await handled(bus, `${key} two`, 2 * members.length)),
      ];
      for (const { slot } of members) {
        const names = notes.filter(note => note.slot === slot).map(({ handler }) => handler);
        expect(names.map(name => name.split(' ')[0]!).toSorted()).toEqual([
          'ScopedController',
          'ScopedController',
          'ScopedProvider',
          'ScopedProvider',
        ]);
        // Each event has its own instances.
        expect(new Set(names).size).toBe(4);
      }
    },
  },
  {
    name: 'methods answer the requests that their decorators name',
    run: async ({ members }) => {
      const { replies } = await members.at(-1)!.ask('decorated.question', 'Is it?');
      expect(replies.map(({ value }) => value)).toEqual(members.map(() => 'Is it? true'));
      const one = await members[0]!.ask<number>('scoped.question', 1);
      const two = await members[0]!.ask<number>('scoped.question', 1);
      expect(one.replies).toHaveLength(members.length);
      for (const { worker, value } of one.replies) {
        const again = two.replies.find(reply => reply.worker.pid === worker.pid);
        expect(again!.value).toBeGreaterThan(value);
      }
    },
  },
  {
    name: 'a method that throws is logged with its name and topic, and other methods are not affected',
    run: async ({ bus, members, key }) => {
      await members[0]!.publish('decorated.bad', `${key} bad`);
      await members[0]!.publish('decorated.removed', `${key} after it`);
      await handled(bus, `${key} bad`, members.length);
      await handled(bus, `${key} after it`, 2 * members.length);
      const lines = () =>
        bus.app.output
          .split('\n')
          .filter(line => line.includes('Provider.fails') && line.includes('decorated.bad'));
      await bus.app.until(() => lines().length >= members.length);
      expect(bus.app.output).toContain('The handler cannot do it');
    },
  },
];
